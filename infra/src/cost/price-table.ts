/** A machine as clouds sell it. Prices in US dollars per hour. */
export interface MachineType {
  readonly vcpus: number
  readonly memoryGib: number
  readonly onDemandUsdPerHour: number
  readonly spotUsdPerHour: number
}

/** What things cost on a certain day. Everything that is estimated comes from here, and says the date. */
export interface PriceTable {
  readonly asOf: string
  readonly source: string
  machine(cloud: string, region: string, machineType: string): MachineType | undefined
  hasRegion(cloud: string, region: string): boolean
  readonly controlPlaneUsdPerHour: number
  readonly addressUsdPerHour: number
  readonly egressUsdPerGb: number
}

type Size = readonly [vcpus: number, memoryGib: number]

/** Sizes of the machine types that this table knows. */
const sizes: Readonly<Record<string, Readonly<Record<string, Size>>>> = {
  aws: {
    'c7i.large': [2, 4],
    'c7i.xlarge': [4, 8],
    'c7i.2xlarge': [8, 16],
    'm7i.large': [2, 8],
    'm7i.xlarge': [4, 16],
    'm7i.2xlarge': [8, 32],
    'm7i.4xlarge': [16, 64],
  },
  gcp: {
    'e2-standard-2': [2, 8],
    'e2-standard-4': [4, 16],
    'n2-standard-2': [2, 8],
    'n2-standard-4': [4, 16],
    'n2-standard-8': [8, 32],
    'n2-standard-16': [16, 64],
  },
  azure: {
    Standard_D2s_v5: [2, 8],
    Standard_D4s_v5: [4, 16],
    Standard_D8s_v5: [8, 32],
    Standard_D16s_v5: [16, 64],
  },
}

const regions: Readonly<Record<string, readonly string[]>> = {
  aws: [
    'us-east-1',
    'us-east-2',
    'us-west-2',
    'ca-central-1',
    'sa-east-1',
    'eu-west-1',
    'eu-central-1',
    'eu-north-1',
    'ap-northeast-1',
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-south-1',
  ],
  gcp: [
    'us-central1',
    'us-east1',
    'us-west1',
    'europe-west1',
    'europe-west4',
    'asia-northeast1',
    'asia-southeast1',
  ],
  azure: [
    'eastus',
    'eastus2',
    'westus2',
    'westeurope',
    'northeurope',
    'japaneast',
    'southeastasia',
  ],
}

/** OpenCost's default prices, for where no list price is known: per vCPU and per GiB. */
const onDemand = { vcpu: 0.0316, gib: 0.0042 }
const spot = { vcpu: 0.0067, gib: 0.0009 }

/**
 * Prices from unit prices per vCPU and GiB: they are right to within a third, which is what an estimate before a launch needs.
 * The table of list prices of the load generator takes its place once it is there.
 */
export const unitPriceTable: PriceTable = {
  asOf: '2026-11-22',
  source: "OpenCost's default unit prices, the same for all clouds and regions",
  hasRegion: (cloud, region) => regions[cloud]?.includes(region) ?? false,
  machine(cloud, region, machineType) {
    const size = sizes[cloud]?.[machineType]
    if (size === undefined || regions[cloud]?.includes(region) !== true) return undefined
    const [vcpus, memoryGib] = size
    return {
      vcpus,
      memoryGib,
      onDemandUsdPerHour: vcpus * onDemand.vcpu + memoryGib * onDemand.gib,
      spotUsdPerHour: vcpus * spot.vcpu + memoryGib * spot.gib,
    }
  },
  controlPlaneUsdPerHour: 0.1,
  addressUsdPerHour: 0.005,
  egressUsdPerGb: 0.12,
}
