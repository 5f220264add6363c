import type { LoadResult } from '../src/result.ts'

type Section<Name extends keyof LoadResult> = NonNullable<LoadResult[Name]>

/** A run that was steady from 5 s on. */
export const steadySection: Section<'steadyState'> = {
  kind: 'steady',
  causes: [],
  reasons: [],
  isDisturbed: false,
  method:
    'MSER-5 for the warm-up, Mann–Kendall and Theil–Sen for trends, batch means for intervals',
  warmUpMs: 5_000,
  warmUpChosenBy: 'test',
  stepMs: 100,
  observations: 250,
  rateTrend: { perSecond: 0.2, low: -0.6, high: 1.1, pValue: 0.61, isSignificant: false },
  backlogTrend: { perSecond: -0.1, low: -0.9, high: 0.8, pValue: 0.83, isSignificant: false },
  batches: {
    count: 10,
    lengthMs: 2_500,
    lag1Autocorrelation: 0.07,
    areIndependent: true,
    fromMs: Array.from({ length: 10 }, (_, i) => 5_000 + 2_500 * i),
    committedPerSecond: [498.4, 503.2, 497.6, 501.2, 499.6, 496.8, 502.4, 500.8, 498, 499.2],
    p50Ms: [138, 141, 139, 140, 144, 142, 138, 139, 141, 140],
    p99Ms: [301, 322, 310, 305, 318, 309, 303, 315, 300, 307],
  },
  committedPerSecond: { value: 499.7, low: 498.3, high: 501.2, confidence: 0.95 },
  p50Ms: { value: 140.2, low: 138.8, high: 141.6, confidence: 0.95 },
  p99Ms: { value: 309, low: 303.6, high: 314.4, confidence: 0.95 },
}

/** A run that was offered more than it could do. */
export const notSteadySection: Section<'steadyState'> = {
  ...steadySection,
  kind: 'notSteady',
  causes: ['backlogGrows'],
  reasons: ['the backlog grows by 120 transactions/s, 24 % of what is offered'],
  backlogTrend: { perSecond: 120, low: 117, high: 124, pValue: 0.0001, isSignificant: true },
}

export const countingSection: Section<'counting'> = {
  committedPerSecond: 499.7,
  style2018: {
    perSecond: 1_312.4,
    ratioToHonest: 2.63,
    blocks: 553,
    busyShare: 0.48,
    text: '2018-style (not a throughput): block size over busy time, added over 2 shards',
  },
  perValidatorPerSecond: 62.5,
  cores: 2,
  perCorePerSecond: 249.9,
  perCoreSecondUsed: 590.2,
  signatureChecks: 59_960,
  perSignatureCheck: 0.208,
  networkBytesPerTransaction: 2_310,
  clientBytesPerTransaction: 168.4,
  diskBytesPerTransaction: 1_940,
}

export const resourcesSection: Section<'resources'> = {
  fromMs: 5_000,
  toMs: 30_000,
  validators: 8,
  validatorsMissing: 0,
  cores: 2,
  cpuSeconds: 21.2,
  cpuSecondsMax: 3.1,
  generatorCpuSeconds: 1.9,
  machineCpuSeconds: 24.4,
  eventLoopDelayP99Ms: 31,
  signatureChecks: 59_960,
  signatureSeconds: 2.4,
  networkSentBytes: 28.9e6,
  networkQueuedBytesMax: 18_400,
  networkDroppedFrames: 0,
  diskWrittenBytes: 24.2e6,
  fsyncs: 6_100,
  fsyncSeconds: 9.8,
  fsyncP99Ms: 12.5,
  busyTransactions: 0,
  skips: 0,
}

export const bottleneckSection: Section<'bottleneck'> = {
  kind: 'none',
  text: 'Nothing was full: the processor came closest, with 49 % of 85 %.',
  loads: [
    { kind: 'cpu', load: 0.49, limit: 0.85, text: '24.4 of 50.0 processor seconds were used' },
    {
      kind: 'eventLoop',
      load: 0.12,
      limit: 0.85,
      text: 'the busiest main thread used 12 % of a core',
    },
    {
      kind: 'disk',
      load: 0.049,
      limit: 0.7,
      text: 'a validator waited 4.9 % of the time for its disk',
    },
    {
      kind: 'signatures',
      load: 0.012,
      limit: 0.85,
      text: 'signature workers were busy 1.2 % of the time',
    },
    {
      kind: 'network',
      load: 0.01,
      limit: 0.5,
      text: 'at most 18 kB waited for peers, nothing was dropped',
    },
    { kind: 'generator', load: 0.02, limit: 1, text: '1 % of the sends left more than 2 ms late' },
  ],
}

export const costSection: Section<'cost'> = {
  currency: 'USD',
  pricesAsOf: '2026-11-01',
  estimate: {
    perHour: 0.46,
    machinesPerHour: 0.34,
    disksPerHour: 0.02,
    egressPerHour: 0.1,
    run: 0.0038,
    runMs: 30_000,
    perMillionCommitted: 0.26,
  },
  actual: {
    perHour: 0.44,
    machinesPerHour: 0.34,
    disksPerHour: 0.02,
    egressPerHour: 0.08,
    run: 0.0037,
    runMs: 30_400,
    perMillionCommitted: 0.25,
  },
  machines: [
    {
      place: 'aws-us-east-1',
      cloud: 'aws',
      region: 'us-east-1',
      machineType: 'm7i.large',
      purchase: 'onDemand',
      count: 2,
      pricePerHour: 0.1008,
      isVerified: true,
    },
    {
      place: 'gcp-europe-west4',
      cloud: 'gcp',
      region: 'europe-west4',
      machineType: 'e2-standard-2',
      purchase: 'spot',
      count: 2,
      pricePerHour: 0.0295,
      isVerified: false,
    },
  ],
  egress: [
    {
      from: 'aws-us-east-1',
      to: 'gcp-europe-west4',
      bytes: 6.2e6,
      pricePerGigabyte: 0.09,
      cost: 0.00056,
      isMeasured: true,
    },
  ],
  budget: { limit: 5, spent: 0.0037, endedTheRun: false },
  notes: ['Control planes, load balancers and taxes are not in these figures.'],
}

const trial = (
  number: number,
  rate: number,
  change: Partial<Section<'search'>['trials'][number]> = {},
): Section<'search'>['trials'][number] => ({
  number,
  purpose: 'ramp',
  rate,
  fromMs: 18_000 * (number - 1),
  forMs: 15_000,
  offeredPerSecond: rate * 1.002,
  committedPerSecond: rate,
  p50Ms: 120 + rate / 50,
  p99Ms: 260 + rate / 10,
  backlogPerSecond: 0.3,
  outcome: 'met',
  reason: 'steady, p99 within 2s',
  ...change,
})

/** A search that found its knee, and the overload after it. */
export const searchSection: Section<'search'> = {
  objective: { p50MaxMs: null, p99MaxMs: 2_000, committedShareMin: 0.98 },
  trials: [
    trial(1, 1_000),
    trial(2, 2_000),
    trial(3, 4_000),
    trial(4, 8_000, {
      committedPerSecond: 6_310,
      p99Ms: 9_400,
      backlogPerSecond: 1_650,
      outcome: 'missed',
      reason: 'the backlog grows by 1,650/s',
    }),
    trial(5, 6_000, { purpose: 'narrow' }),
    trial(6, 7_000, {
      purpose: 'narrow',
      committedPerSecond: 6_420,
      p99Ms: 4_100,
      backlogPerSecond: 540,
      outcome: 'missed',
      reason: 'the backlog grows by 540/s',
    }),
    trial(7, 6_500, { purpose: 'narrow', outcome: 'unclear', reason: 'two answers differed' }),
    trial(8, 6_250, { purpose: 'confirm' }),
  ],
  trialsMax: 16,
  knee: { value: 6_250, low: 6_000, high: 6_500, confidence: 0.95 },
  limit: 'testnet',
  endedBecause: 'The interval is within 5 % of the knee.',
  overload: {
    factor: 10,
    offeredPerSecond: 61_800,
    fromMs: 144_000,
    forMs: 10_000,
    goodputDuringPerSecond: 5_710,
    goodputDuringShare: 0.91,
    afterOfferedPerSecond: 5_000,
    goodputAfterPerSecond: 4_990,
    goodputAfterShare: 0.998,
    recoveredAfterMs: 6_400,
    busy: 512_000,
    resent: 508_000,
    lost: 0,
  },
}
