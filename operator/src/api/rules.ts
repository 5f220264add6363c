import { transferBytesMax } from '@shardnet/node/config'
import type { Document } from './document.ts'
import type { Rule } from './rule.ts'
import { VALIDATORS_MAX } from './testnet.ts'

const SUPPLY_MAX = Number.MAX_SAFE_INTEGER

/** A length of time above zero; the pattern of the field has seen to its form. */
function positive(at: readonly string[], broken: object): Rule {
  return {
    at,
    cel: "duration(self) > duration('0s')",
    message: 'a length of time above zero',
    broken: { spec: broken },
  }
}

function upTo(at: readonly string[], most: string, broken: object): Rule {
  return {
    at,
    cel: `duration(self) <= duration('${most}')`,
    message: `a length of time up to ${most}`,
    broken: { spec: broken },
  }
}

function fixed(field: string, before: object, spec: object): Rule {
  return {
    at: ['spec', 'genesis', field],
    cel: 'self == oldSelf',
    message:
      'the genesis of a testnet that exists cannot change: delete it, or make one of another name',
    reason: 'FieldValueForbidden',
    broken: { before: { genesis: before }, spec: { genesis: spec } },
  }
}

const limitOf = (amount: string): Rule => ({
  at: ['spec', 'resources'],
  cel:
    `!has(self.requests) || !has(self.limits) || !has(self.requests.${amount}) || !has(self.limits.${amount}) || ` +
    `quantity(self.requests.${amount}).compareTo(quantity(self.limits.${amount})) <= 0`,
  message: `at most the limit of ${amount}`,
  field: `.requests.${amount}`,
  broken: { spec: { resources: { requests: { [amount]: '2' }, limits: { [amount]: '1' } } } },
})

const testnetRules: readonly Rule[] = [
  fixed('seed', { seed: 'one' }, { seed: 'two' }),
  fixed('accountsPerShard', { accountsPerShard: 10 }, { accountsPerShard: 20 }),
  fixed('balance', { balance: '10' }, { balance: '20' }),
  {
    at: ['spec', 'storage', 'size'],
    cel: 'self == oldSelf',
    message: 'disks do not grow or shrink: make a testnet of another name',
    reason: 'FieldValueForbidden',
    broken: { before: { storage: { size: '1Gi' } }, spec: { storage: { size: '2Gi' } } },
  },
  {
    at: ['spec', 'protocol'],
    cel: 'self.viewTimeoutMs > self.idleBlockIntervalMs + 6 * self.networkDelayMs',
    message: 'more than idleBlockIntervalMs + 6 x networkDelayMs',
    field: '.viewTimeoutMs',
    broken: { spec: { protocol: { viewTimeoutMs: 1_600 } } },
  },
  {
    at: ['spec', 'protocol'],
    cel: `self.batchBytesMax >= self.payloadBytesMax + ${transferBytesMax(0)}`,
    message: `at least payloadBytesMax + ${transferBytesMax(0)}, the largest transaction`,
    field: '.batchBytesMax',
    broken: { spec: { protocol: { batchBytesMax: 65_536 } } },
  },
  {
    at: ['spec'],
    cel: `int(self.genesis.balance) <= ${SUPPLY_MAX} / (self.shards * self.genesis.accountsPerShard)`,
    message: `shards x accountsPerShard x balance may be ${SUPPLY_MAX} at most`,
    field: '.genesis.balance',
    broken: { spec: { genesis: { balance: '9007199254740991' } } },
  },
  {
    at: ['spec'],
    cel: `self.shards * self.validatorsPerShard <= ${VALIDATORS_MAX}`,
    message: `shards x validatorsPerShard may be ${VALIDATORS_MAX} at most`,
    field: '.shards',
    broken: { spec: { shards: 1_000, validatorsPerShard: 100 } },
  },
  limitOf('cpu'),
  limitOf('memory'),
  positive(['spec', 'ttl'], { ttl: '0s' }),
  positive(['spec', 'idleAfter'], { idleAfter: '0s' }),
]

const PARAMETER_OF = { delay: 'latency', loss: 'share', bandwidth: 'bytesPerSecond' } as const
const AN_EXAMPLE = { latency: '100ms', share: '10%', bytesPerSecond: '1M' } as const

/** Where a fault stands in a kind, and how an example of one is wrapped into the kind's specification. */
interface FaultPlace {
  readonly at: readonly string[]
  readonly within: (fault: object) => object
}

/** The rules of one fault, wherever it stands. */
function faultRules(place: FaultPlace): readonly Rule[] {
  return [...parameterRules(place), ...linkRules(place), ...lengthRules(place)]
}

function parameterRules({ at, within }: FaultPlace): readonly Rule[] {
  return Object.entries(PARAMETER_OF).flatMap(([action, parameter]): Rule[] => [
    {
      at,
      cel: `self.action != '${action}' || has(self.${parameter})`,
      message: `a value, with action ${action}`,
      field: `.${parameter}`,
      reason: 'FieldValueRequired',
      broken: { spec: within({ action, for: '10s' }) },
    },
    {
      at,
      cel: `self.action == '${action}' || !has(self.${parameter})`,
      message: `only with action ${action}`,
      field: `.${parameter}`,
      reason: 'FieldValueForbidden',
      broken: { spec: within({ action: 'kill', [parameter]: AN_EXAMPLE[parameter] }) },
    },
  ])
}

function linkRules({ at, within }: FaultPlace): readonly Rule[] {
  return [
    {
      at,
      cel: "self.action == 'delay' || !has(self.jitter)",
      message: 'only with action delay',
      field: '.jitter',
      reason: 'FieldValueForbidden',
      broken: { spec: within({ action: 'kill', jitter: '10ms' }) },
    },
    {
      at,
      cel: "!(self.action in ['kill', 'pause']) || !has(self.direction)",
      message: 'only with faults of links',
      field: '.direction',
      reason: 'FieldValueForbidden',
      broken: { spec: within({ action: 'kill', direction: 'Both' }) },
    },
    ...faultBounds(at, within),
  ]
}

/** Each value of a fault alone: what the schema cannot say of a text. */
function faultBounds(at: readonly string[], within: (fault: object) => object): readonly Rule[] {
  return [
    {
      at: [...at, 'bytesPerSecond'],
      cel: "quantity(self).compareTo(quantity('1')) >= 0 && quantity(self).compareTo(quantity('10G')) <= 0",
      message: 'a quantity from 1 to 10G',
      broken: { spec: within({ action: 'bandwidth', for: '10s', bytesPerSecond: '11G' }) },
    },
    {
      at: [...at, 'share'],
      cel: "self.matches('[1-9]')",
      message: 'a share above zero',
      broken: { spec: within({ action: 'loss', for: '10s', share: '0%' }) },
    },
  ]
}

function lengthRules({ at, within }: FaultPlace): readonly Rule[] {
  const delay = (fields: object) =>
    within({ action: 'delay', for: '10s', latency: '1s', ...fields })
  return [
    {
      at,
      cel: "self.action == 'kill' || has(self.for)",
      message: 'a length of time: every action but kill is undone',
      field: '.for',
      reason: 'FieldValueRequired',
      broken: { spec: within({ action: 'pause' }) },
    },
    upTo([...at, 'for'], '24h', within({ action: 'pause', for: '25h' })),
    upTo([...at, 'latency'], '60s', delay({ latency: '61s' })),
    upTo([...at, 'jitter'], '60s', delay({ jitter: '61s' })),
    positive([...at, 'jitter'], delay({ jitter: '0s' })),
    positive([...at, 'at'], within({ action: 'kill', at: '0s' })),
    positive([...at, 'for'], within({ action: 'pause', for: '0s' })),
    positive([...at, 'latency'], delay({ latency: '0s' })),
  ]
}

/** What was started with one specification cannot be judged by another. */
function unchanged(kind: string, before: object, spec: object): Rule {
  return {
    at: ['spec'],
    cel: 'self == oldSelf',
    message: `a ${kind} cannot change: make another one`,
    reason: 'FieldValueForbidden',
    broken: { before, spec },
  }
}

const phaseRules: readonly Rule[] = [
  {
    at: ['spec', 'arrivals', 'schedule', '[]'],
    cel: '!has(self.steps) || has(self.to)',
    message: 'only with `to`, the rate that they lead to',
    field: '.steps',
    broken: { spec: withPhase({ steps: 2 }) },
  },
  {
    at: ['spec', 'arrivals', 'schedule', '[]'],
    cel: '!has(self.burst) || !has(self.to)',
    message: 'not together with `to`',
    field: '.burst',
    broken: { spec: withPhase({ to: 2, burst: { rate: 2, every: '2s', for: '1s' } }) },
  },
  {
    at: ['spec', 'arrivals', 'schedule', '[]', 'burst'],
    cel: 'duration(self.for) < duration(self.every)',
    message: 'less than `every`, after which the next burst begins',
    field: '.for',
    broken: { spec: withPhase({ burst: { rate: 2, every: '2s', for: '2s' } }) },
  },
  positive(
    ['spec', 'arrivals', 'schedule', '[]', 'burst', 'every'],
    withPhase({ burst: { rate: 2, every: '0s', for: '1s' } }),
  ),
  positive(
    ['spec', 'arrivals', 'schedule', '[]', 'burst', 'for'],
    withPhase({ burst: { rate: 2, every: '2s', for: '0s' } }),
  ),
  {
    at: ['spec', 'arrivals'],
    cel: "(self.process == 'trace') == (size(self.schedule) == 0)",
    message: 'at least one phase; none with the process trace',
    field: '.schedule',
    broken: { spec: { testnet: 'demo', arrivals: { schedule: [] } } },
  },
  {
    at: ['spec', 'workload'],
    cel: "self.profile != 'trace' || has(self.file)",
    message: 'the name of a CSV file, with profile trace',
    field: '.file',
    reason: 'FieldValueRequired',
    broken: { spec: { testnet: 'demo', workload: { profile: 'trace' } } },
  },
]

function withPhase(phase: object): object {
  return { testnet: 'demo', arrivals: { schedule: [{ rate: 1, for: '10s', ...phase }] } }
}

const loadTestRules: readonly Rule[] = [
  ...phaseRules,
  unchanged('LoadTest', { testnet: 'demo' }, { testnet: 'other' }),
  positive(['spec', 'arrivals', 'schedule', '[]', 'for'], {
    testnet: 'demo',
    arrivals: { schedule: [{ rate: 1, for: '0s' }] },
  }),
  positive(['spec', 'criteria', 'p99Max'], { testnet: 'demo', criteria: { p99Max: '0s' } }),
  ...faultRules({
    at: ['spec', 'faults', '[]'],
    within: (fault) => ({ testnet: 'demo', faults: [fault] }),
  }),
]

/** A Shard's specification with some fields changed: most of its fields are required, and belong together. */
export const shardSpec = (spec: object) => ({
  testnet: 'demo',
  shard: 0,
  ordinals: { start: 0, count: 4 },
  network: {
    generation: 1,
    seed: 'demo',
    shards: 2,
    validatorsPerShard: 4,
    protocol: {},
    accounts: { perShard: 10, balance: '10' },
  },
  resources: {},
  storage: {},
  ...spec,
})

const shardRules: readonly Rule[] = [
  {
    at: ['spec'],
    cel: 'self.ordinals.start + self.ordinals.count <= self.network.validatorsPerShard',
    message: 'ordinals end at network.validatorsPerShard',
    field: '.ordinals',
    broken: { spec: shardSpec({ ordinals: { start: 1, count: 4 } }) },
  },
  {
    at: ['spec'],
    cel: 'self.shard < self.network.shards',
    message: 'below network.shards',
    field: '.shard',
    broken: { spec: shardSpec({ shard: 2 }) },
  },
  {
    at: ['spec', 'network'],
    cel: 'self == oldSelf',
    message: 'a shard belongs to one network for ever',
    reason: 'FieldValueForbidden',
    broken: {
      before: shardSpec({}),
      spec: shardSpec({ network: { ...shardSpec({}).network, seed: 'other' } }),
    },
  },
  {
    at: ['spec', 'ordinals'],
    cel: 'self == oldSelf',
    message: 'the disks of validators do not move: another part is another Shard',
    reason: 'FieldValueForbidden',
    broken: {
      before: shardSpec({}),
      spec: shardSpec({ ordinals: { start: 0, count: 3 } }),
    },
  },
]

/** Every rule of a kind that a single field's schema cannot say. */
export const rulesOfKind: Readonly<Record<Document['kind'], readonly Rule[]>> = {
  Testnet: testnetRules,
  LoadTest: loadTestRules,
  Fault: [
    unchanged(
      'Fault',
      { testnet: 'demo', action: 'kill' },
      { testnet: 'demo', action: 'pause', for: '10s' },
    ),
    ...faultRules({ at: ['spec'], within: (fault) => ({ testnet: 'demo', ...fault }) }),
  ],
  Cluster: [],
  Shard: shardRules,
}
