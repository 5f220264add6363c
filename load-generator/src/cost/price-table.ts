/** Where a price comes from. */
export interface PriceSource {
  readonly title: string
  /** Day of the prices there. */
  readonly date: string
}

/**
 * How sure a price is. published: read from the source. computed: follows exactly from published prices of the same
 * source (sizes of one family that double, prices per core and gigabyte). estimated: a guess, said so wherever it counts.
 */
export type PriceBasis = 'published' | 'computed' | 'estimated'

/** US dollars an hour for one machine. */
export interface HourlyPrice {
  readonly perHour: number
  readonly basis: PriceBasis
}

/** One type of machine in one region. */
export interface MachinePrice {
  readonly machineType: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly onDemand: HourlyPrice
  /** Null: no price is known. */
  readonly spot: HourlyPrice | null
}

export type Cloud = 'aws' | 'gcp' | 'azure'

/** Prices of one region. Egress in US dollars per gigabyte (10^9 bytes), lowest tier. */
export interface RegionPrices {
  readonly cloud: Cloud
  readonly region: string
  readonly continent: 'america' | 'europe' | 'asia' | 'oceania'
  readonly machines: readonly MachinePrice[]
  readonly egressToSameContinent: number
  readonly egressToOtherContinent: number
  readonly egressToInternet: number
}

/** Day that the table stands for: that of its newest source. */
export const PRICES_AS_OF = '2026-08-21'

export const priceSources: Readonly<Record<string, PriceSource>> = {
  awsList: {
    title:
      'EC2 on-demand prices of us-east-1 as karpenter-provider-aws generates them from the AWS price list (zz_generated.pricing_aws.go)',
    date: '2026-07-20',
  },
  catalogue: {
    title:
      'skypilot-catalog v8, vms.csv of AWS and GCP: on-demand and spot prices by region, from the clouds’ price interfaces; of several zones the dearest spot price',
    date: '2026-08-21',
  },
  azureList: {
    title:
      'Azure retail prices as karpenter-provider-azure generates them (zz_generated.pricing.go)',
    date: '2026-06-18',
  },
  egress: {
    title:
      'Transfer prices in skyplane: aws_transfer_costs.csv, gcp_pricing.py, azure_cloud_provider.py; lowest tier',
    date: '2023-04-27',
  },
  disks: {
    title: 'No source at hand: estimated from list prices of gp3, pd-balanced and standard SSD',
    date: '2026-11-26',
  },
}

/** US dollars per gigabyte and month; estimated. */
export const diskPerGigabyteMonth: Readonly<Record<Cloud, number>> = {
  aws: 0.08,
  gcp: 0.1,
  azure: 0.075,
}

type AwsRow = readonly [
  region: string,
  continent: RegionPrices['continent'],
  small: number,
  smallSpot: number,
  xlarge: number,
  xlargeSpot: number,
  toRegions: number,
  toInternet: number,
]

const awsRows: readonly AwsRow[] = [
  ['us-east-1', 'america', 0.0208, 0.0103, 0.1664, 0.0821, 0.02, 0.09],
  ['us-east-2', 'america', 0.0208, 0.0081, 0.1664, 0.0748, 0.02, 0.09],
  ['us-west-1', 'america', 0.0248, 0.0098, 0.1984, 0.0747, 0.02, 0.09],
  ['us-west-2', 'america', 0.0208, 0.0101, 0.1664, 0.0827, 0.02, 0.09],
  ['ca-central-1', 'america', 0.0232, 0.0082, 0.1856, 0.0752, 0.02, 0.09],
  ['eu-west-1', 'europe', 0.0228, 0.0133, 0.1824, 0.1122, 0.02, 0.09],
  ['eu-west-2', 'europe', 0.0236, 0.0091, 0.1888, 0.0843, 0.02, 0.09],
  ['eu-central-1', 'europe', 0.024, 0.0115, 0.192, 0.1012, 0.02, 0.09],
  ['ap-northeast-1', 'asia', 0.0272, 0.01, 0.2176, 0.0791, 0.09, 0.114],
  ['ap-southeast-1', 'asia', 0.0264, 0.0116, 0.2112, 0.1151, 0.09, 0.12],
  ['ap-south-1', 'asia', 0.0224, 0.01, 0.1792, 0.0812, 0.086, 0.1093],
  ['ap-southeast-2', 'oceania', 0.0264, 0.0104, 0.2112, 0.1025, 0.098, 0.114],
]

type GcpRow = readonly [
  region: string,
  continent: RegionPrices['continent'],
  standard2: number,
  standard2Spot: number,
]

/** e2-standard-2 by its cores and memory, whose prices follow from e2-highcpu-8 and e2-highmem-16 of the catalogue. */
const gcpRows: readonly GcpRow[] = [
  ['us-central1', 'america', 0.06701, 0.0294],
  ['us-east1', 'america', 0.06701, 0.0294],
  ['us-west1', 'america', 0.06701, 0.0294],
  ['us-east4', 'america', 0.07547, 0.03633],
  ['europe-west1', 'europe', 0.07372, 0.02948],
  ['europe-west3', 'europe', 0.08634, 0.03452],
  ['europe-west4', 'europe', 0.07377, 0.03071],
]

type AzureRow = readonly [
  region: string,
  continent: RegionPrices['continent'],
  b1s: number,
  b2s: number,
  d2sV5: number,
  d4sV5: number,
]

const azureRows: readonly AzureRow[] = [
  ['eastus', 'america', 0.0104, 0.0416, 0.096, 0.192],
  ['eastus2', 'america', 0.0104, 0.0416, 0.096, 0.192],
  ['westus2', 'america', 0.0104, 0.0416, 0.096, 0.192],
  ['centralus', 'america', 0.0125, 0.0499, 0.108, 0.217],
  ['westeurope', 'europe', 0.012, 0.048, 0.115, 0.23],
  ['northeurope', 'europe', 0.0113, 0.045, 0.107, 0.214],
  ['uksouth', 'europe', 0.0118, 0.0472, 0.111, 0.222],
  ['germanywestcentral', 'europe', 0.012, 0.048, 0.115, 0.23],
  ['southeastasia', 'asia', 0.0132, 0.0528, 0.12, 0.24],
  ['japaneast', 'asia', 0.0136, 0.0544, 0.124, 0.248],
  ['australiaeast', 'oceania', 0.0132, 0.0528, 0.12, 0.24],
]

/** All prices, by region. */
export const regionPrices: readonly RegionPrices[] = [
  ...awsRows.map(awsRegion),
  ...gcpRows.map(gcpRegion),
  ...azureRows.map(azureRegion),
]

function awsRegion([
  region,
  continent,
  small,
  smallSpot,
  xlarge,
  xlargeSpot,
  toRegions,
  toInternet,
]: AwsRow): RegionPrices {
  // The sizes of t3 double in price as they double in memory; us-east-1 of the AWS list shows each of them.
  const sized = (machineType: string, memoryGigabytes: number, factor: number): MachinePrice => ({
    machineType,
    cores: 2,
    memoryGigabytes,
    onDemand: { perHour: round(small * factor), basis: factor === 1 ? 'published' : 'computed' },
    spot: { perHour: round(smallSpot * factor), basis: factor === 1 ? 'published' : 'estimated' },
  })
  const machines: MachinePrice[] = [
    sized('t3.micro', 1, 0.5),
    sized('t3.small', 2, 1),
    sized('t3.medium', 4, 2),
    sized('t3.large', 8, 4),
    {
      machineType: 't3.xlarge',
      cores: 4,
      memoryGigabytes: 16,
      onDemand: { perHour: xlarge, basis: 'published' },
      spot: { perHour: xlargeSpot, basis: 'published' },
    },
    {
      machineType: 't3.2xlarge',
      cores: 8,
      memoryGigabytes: 32,
      onDemand: { perHour: round(xlarge * 2), basis: 'computed' },
      spot: { perHour: round(xlargeSpot * 2), basis: 'estimated' },
    },
  ]
  return {
    cloud: 'aws',
    region,
    continent,
    machines,
    egressToSameContinent: toRegions,
    egressToOtherContinent: toRegions,
    egressToInternet: toInternet,
  }
}

function gcpRegion([region, continent, standard2, standard2Spot]: GcpRow): RegionPrices {
  const sized = (machineType: string, factor: number): MachinePrice => ({
    machineType,
    cores: 2 * factor,
    memoryGigabytes: 8 * factor,
    onDemand: { perHour: round(standard2 * factor), basis: 'computed' },
    spot: { perHour: round(standard2Spot * factor), basis: 'computed' },
  })
  return {
    cloud: 'gcp',
    region,
    continent,
    machines: [sized('e2-standard-2', 1), sized('e2-standard-4', 2), sized('e2-standard-8', 4)],
    egressToSameContinent: continent === 'america' ? 0.01 : 0.02,
    egressToOtherContinent: 0.08,
    egressToInternet: 0.12,
  }
}

function azureRegion([region, continent, b1s, b2s, d2sV5, d4sV5]: AzureRow): RegionPrices {
  const isFar = continent === 'asia' || continent === 'oceania'
  const machine = (
    size: Pick<MachinePrice, 'machineType' | 'cores' | 'memoryGigabytes'>,
    perHour: number,
    basis: PriceBasis = 'published',
  ): MachinePrice => ({
    ...size,
    onDemand: { perHour, basis },
    // Spot prices of Azure move, and no dated source was at hand.
    spot: null,
  })
  return {
    cloud: 'azure',
    region,
    continent,
    machines: [
      machine({ machineType: 'Standard_B1s', cores: 1, memoryGigabytes: 1 }, b1s),
      machine({ machineType: 'Standard_B2s', cores: 2, memoryGigabytes: 4 }, b2s),
      machine({ machineType: 'Standard_D2s_v5', cores: 2, memoryGigabytes: 8 }, d2sV5),
      machine({ machineType: 'Standard_D4s_v5', cores: 4, memoryGigabytes: 16 }, d4sV5),
      // The sizes of Dsv5 double in price as they double in cores, as the two above show.
      machine(
        { machineType: 'Standard_D8s_v5', cores: 8, memoryGigabytes: 32 },
        round(d4sV5 * 2),
        'computed',
      ),
    ],
    egressToSameContinent: isFar ? 0.08 : 0.02,
    egressToOtherContinent: isFar ? 0.08 : 0.05,
    egressToInternet: isFar ? 0.12 : 0.0875,
  }
}

function round(dollars: number): number {
  return Number(dollars.toFixed(6))
}
