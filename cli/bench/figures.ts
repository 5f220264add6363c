/** What a figure counts, and how people read it. */
export interface FigureDefinition {
  readonly unit: string
  readonly text: string
  /** A promise: the bench fails when the figure is above it. */
  readonly atMost?: number
}

/** Every figure of `npm run bench`, in the order of its table. Names stay; what is new gets a new name. */
export const figureDefinitions = {
  kernelChecksPerSecondPerCore: {
    unit: 'checks per CPU second',
    text: 'Signatures checked by the kernel on one core, 1,024 rows of as many senders at once.',
  },
  kernelKnownSenderChecksPerSecondPerCore: {
    unit: 'checks per CPU second',
    text: 'The same rows when the kernel has seen every sender before.',
  },
  nodeCryptoChecksPerSecond: {
    unit: 'checks per CPU second',
    text: 'Signatures checked one by one by node:crypto on one core.',
  },
  kernelToNodeCrypto: { unit: 'ratio', text: 'Kernel over node:crypto.' },
  executionMicroseconds: {
    unit: 'CPU µs per transaction',
    text: 'Executing one block of 2,000 transfers of 10,000 accounts, state root included.',
  },
  logSyncsPerSecond: { unit: 'groups/s', text: 'Groups of 100 kB, each synced by itself.' },
  logSyncP50Ms: { unit: 'ms', text: 'Time of one fdatasync, median.' },
  logSyncP99Ms: { unit: 'ms', text: 'Time of one fdatasync, 99 %.' },
  logRecoveryMebibytesPerSecond: { unit: 'MiB/s', text: 'Reading the log back as a restart does.' },
  networkMicrosecondsPerKilobyte: {
    unit: 'CPU µs per kB',
    text: 'Frames of 256 KiB between two processes, authenticated and encrypted, both ends.',
  },
  networkFramesPerSecond: { unit: 'frames/s', text: 'Frames of 150 bytes, as votes are.' },
  networkRoundTripP50Microseconds: { unit: 'µs', text: 'One small frame there and back.' },
  generatorSentPerSecond: {
    unit: 'transactions/s',
    text: 'Signed transactions that the load generator sent to four sinks over sockets, as the schedule asked.',
  },
  generatorLatenessP50Ms: {
    unit: 'ms',
    text: 'From the scheduled moment to the socket there, median.',
  },
  generatorLatenessP99Ms: { unit: 'ms', text: 'The same, 99 %.' },
  generatorCores: {
    unit: 'cores',
    text: 'Processor time of the load generator there per second, all of its threads.',
  },
  generatorCpuMicrosecondsPerTransaction: {
    unit: 'CPU µs',
    text: 'The same per transaction, answers and commits included; it signed before.',
  },
  boundPerSecond: {
    unit: 'transactions/s',
    text: 'Cores x kernel rate / validators per shard: as if checking signatures were all the work.',
  },
  signedCommittedPerSecond: {
    unit: 'transactions/s',
    text: 'Committed at saturation: 1 shard of 4 validators, everyone checks, executes and syncs.',
  },
  ratioToBound: { unit: 'ratio', text: 'Committed over the bound, as the clock on the wall says.' },
  ratioToBoundByProcessorTime: {
    unit: 'ratio',
    text: 'The same by processor time: what the bound needs for a transaction over what all processes took.',
  },
  processorBoundPerSecond: {
    unit: 'transactions/s',
    text: 'Cores over the processor time of all processes per transaction: the rate if they never waited.',
  },
  processorShare: {
    unit: 'ratio',
    text: 'Part of the machine that the testnet and the load generator got in the measured window.',
  },
  othersShare: {
    unit: 'ratio',
    text: 'Part that other processes took meanwhile: rates by the clock are too low by about as much.',
  },
  cpuMicrosecondsPerTransaction: {
    unit: 'CPU µs',
    text: 'Processor time of all validators per committed transaction.',
  },
  loadCpuMicrosecondsPerTransaction: {
    unit: 'CPU µs',
    text: 'Processor time of the load generator per committed transaction; it signed before.',
  },
  fsyncsPerSecond: { unit: 'syncs/s', text: 'Syncs of the log, per validator, at saturation.' },
  fsyncP50Ms: { unit: 'ms', text: 'Time of one sync at saturation, median.' },
  fsyncP99Ms: { unit: 'ms', text: 'Time of one sync at saturation, 99 %.' },
  blocksPerSecond: { unit: 'blocks/s', text: 'Blocks committed at saturation.' },
  saturationP50Ms: {
    unit: 'ms',
    text: 'Latency at saturation, median: queues are full by design.',
  },
  saturationP99Ms: { unit: 'ms', text: 'Latency at saturation, 99 %.' },
  signatureChecksPerCommitted: {
    unit: 'checks',
    text: 'Signatures checked by all validators per committed transaction: at least one each.',
  },
  halfLoadPerSecond: {
    unit: 'transactions/s',
    text: 'Committed at half of saturation, open loop.',
  },
  halfLoadP50Ms: {
    unit: 'ms',
    text: 'Latency from the scheduled sending to commit there, median.',
  },
  halfLoadP99Ms: { unit: 'ms', text: 'Latency there, 99 %.' },
  halfLoadCpuMicrosecondsPerTransaction: {
    unit: 'CPU µs',
    text: 'Processor time of all validators per committed transaction there.',
  },
  halfLoadOthersShare: {
    unit: 'ratio',
    text: 'Part of the machine that other processes took there: latencies are too long by it.',
  },
  memoryMegabytesPerValidator: {
    unit: 'MB',
    text: 'Proportional memory (PSS) of one validator there, mean over the validators.',
  },
  memoryMegabytesMax: { unit: 'MB', text: 'The same of the largest validator.' },
  memoryFilesMegabytes: {
    unit: 'MB',
    text: 'Of it: Node’s binary and libraries, this process’s share.',
  },
  memoryJavaScriptMegabytes: {
    unit: 'MB',
    text: 'Of it: heap that JavaScript uses on the main thread.',
  },
  memoryExternalMegabytes: {
    unit: 'MB',
    text: 'Of it: buffers that JavaScript holds outside of its heap.',
  },
  memoryWasmMegabytes: { unit: 'MB', text: 'Of it: memories of WebAssembly (kernel and hashes).' },
  memoryOtherMegabytes: {
    unit: 'MB',
    text: 'Of it: the rest: heap that is reserved and free, the worker’s heap, C++ heap, stacks.',
  },
  analysisSeconds: {
    unit: 'CPU s',
    text: 'Counting and judging a run of 10 million transactions, in a process of its own.',
  },
  analysisMegabytes: { unit: 'MB', text: 'Most memory of that process.' },
  monitoringGenerationSeconds: {
    unit: 's',
    text: 'Making all dashboards, rules and alerts, from the start of the process to its end.',
    atMost: 5,
  },
  scrapeP50Ms: {
    unit: 'ms',
    text: 'One scrape of a validator in the full profile, median of 200.',
    atMost: 20,
  },
  scrapeP99Ms: { unit: 'ms', text: 'The same, 99 %.' },
  scrapeKibibytes: { unit: 'KiB', text: 'Size of a scrape there.', atMost: 64 },
  monitoredSeries: { unit: 'series', text: 'Series that the rules below read from.' },
  ruleEvaluationP50Ms: {
    unit: 'ms',
    text: 'Evaluating every recording rule once, by the clock of a real Prometheus with full windows, median of 15.',
    atMost: 100,
  },
  ruleEvaluationMaxMs: { unit: 'ms', text: 'The same, the slowest.' },
} as const satisfies Readonly<Record<string, FigureDefinition>>

/** Name of a figure, as in the JSON. */
export type FigureName = keyof typeof figureDefinitions

/** What one bench measured in one turn. */
export type Figures = Readonly<Partial<Record<FigureName, number>>>

/** Names in the order of the table. */
// The keys of a constant object are what its type says.
export const figureNames = Object.keys(figureDefinitions) as readonly FigureName[]
