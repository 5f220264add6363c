import { estimate, vcpusOf, type Estimate } from '../cost/estimate.ts'
import { keyOf, problemsOf, type Problem } from './problem.ts'
import { clusterNameOf, isMade, StackConfig, type CloudConfig } from './stack-config.ts'

/** A configuration that is right, or everything that is wrong with it. */
export type Parsed =
  | { readonly kind: 'config'; readonly config: StackConfig }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

/** Validators that a vCPU carries under load. */
const VALIDATORS_PER_VCPU = 2
const HOURS_PER_DAY = 24

/** Checks a configuration as a whole: form first, then what its parts say about each other and about prices and quotas. */
export function parseConfig(raw: unknown): Parsed {
  const parsed = StackConfig.safeParse(raw, { reportInput: true })
  if (!parsed.success) return { kind: 'problems', problems: problemsOf(parsed.error) }
  const config = parsed.data
  const estimated = estimate(config)
  const problems = [
    ...nameProblems(config),
    ...layoutProblems(config),
    ...(estimated.kind === 'estimate'
      ? [
          ...quotaProblems(config, estimated.estimate),
          ...budgetProblems(config, estimated.estimate),
        ]
      : estimated.problems.map(({ index, field, text }) => {
          return { key: keyOf(['clouds', index, field]), text }
        })),
  ]
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'config', config }
}

function nameProblems(config: StackConfig): readonly Problem[] {
  const names = config.clouds.map(clusterNameOf)
  const twice = names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          {
            key: keyOf(['clouds', index, 'name']),
            text: `two clusters are called ${name}; name one of them`,
          },
        ],
  )
  const isLocal = /^(?:localhost|127\.)/.test(config.image)
  return [
    ...twice,
    ...(config.hub === undefined || names.includes(config.hub)
      ? []
      : [{ key: keyOf(['hub']), text: `no cluster is called ${config.hub}: ${names.join(', ')}` }]),
    ...(isLocal && config.clouds.some(isMade)
      ? [{ key: keyOf(['image']), text: 'clusters in a cloud cannot pull from this machine' }]
      : []),
    ...(config.gatewayPorts.from > config.gatewayPorts.to
      ? [{ key: keyOf(['gatewayPorts']), text: 'from is above to' }]
      : []),
  ]
}

/** On-demand machines carry every validator: spot ones may all vanish at once, and a quorum must not. */
function layoutProblems(config: StackConfig): readonly Problem[] {
  const { shards, validatorsPerShard } = config.testnet
  const needed = shards * validatorsPerShard
  const room = config.clouds.reduce((sum, cloud) => sum + roomOf(cloud), 0)
  return [
    ...(room < needed
      ? [
          {
            key: keyOf(['clouds']),
            text: `on-demand machines have room for ${room} validators (${VALIDATORS_PER_VCPU} a vCPU), the testnet has ${needed}; spot machines do not count`,
          },
        ]
      : []),
    ...config.clouds.flatMap((cloud, index) =>
      isMade(cloud) && (cloud.machinesMax ?? cloud.machines) < cloud.machines
        ? [{ key: keyOf(['clouds', index, 'machinesMax']), text: 'is below machines' }]
        : [],
    ),
  ]
}

/** Validators that an entry has room for. */
export function roomOf(cloud: CloudConfig): number {
  if (!isMade(cloud)) return cloud.validatorsMax
  return cloud.machines * vcpusOf(cloud) * VALIDATORS_PER_VCPU
}

function quotaProblems(config: StackConfig, { clusters }: Estimate): readonly Problem[] {
  const made = config.clouds.filter(isMade)
  const needs = new Map<string, { vcpus: number; spotVcpus: number; addresses: number }>()
  for (const [index, { cloud, region }] of made.entries()) {
    const place = `${cloud}/${region}`
    const before = needs.get(place) ?? { vcpus: 0, spotVcpus: 0, addresses: 0 }
    needs.set(place, {
      vcpus: before.vcpus + (clusters[index]?.vcpus ?? 0),
      spotVcpus: before.spotVcpus + (clusters[index]?.spotVcpus ?? 0),
      addresses: before.addresses + (clusters[index]?.addresses ?? 0),
    })
  }
  return Object.entries(config.quotas).flatMap(([place, quota]) => {
    const need = needs.get(place)
    if (need === undefined)
      return [{ key: keyOf(['quotas', place]), text: 'no entry of shardnet:clouds is there' }]
    return (['vcpus', 'spotVcpus', 'addresses'] as const).flatMap((what) => {
      const limit = quota[what]
      return limit === undefined || need[what] <= limit
        ? []
        : [
            {
              key: keyOf(['quotas', place, what]),
              text: `needs ${need[what]}, the quota is ${limit}`,
            },
          ]
    })
  })
}

function budgetProblems(config: StackConfig, { usdPerHour }: Estimate): readonly Problem[] {
  const perDay = usdPerHour * HOURS_PER_DAY
  return perDay <= config.budget.usd || config.estimateOnly
    ? []
    : [
        {
          key: keyOf(['budget', 'usd']),
          text: `${config.budget.usd} does not last a day: the estimate is ${perDay.toFixed(2)} a day`,
        },
      ]
}
