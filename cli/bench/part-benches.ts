import {
  measureExecutionRates,
  measureLogRates,
  measureNetworkRates,
  measureSignatureRates,
  refuseMemoryFileSystem,
} from '@shardnet/node/bench'
import { mkdir } from 'node:fs/promises'
import { localPlace } from '../src/place.ts'
import type { BenchContext } from './context.ts'
import type { Figures } from './figures.ts'

const MEASURED_ROWS = 1_024
const MEASURED_BLOCK = 2_000
const LARGE_FRAME_BYTES = 262_144
const SMALL_FRAME_BYTES = 150
const NETWORK_MEGABYTES = 50

/** The signature kernel beside node:crypto. */
export async function measureSignatures({ note }: BenchContext): Promise<Figures> {
  const rates = measureSignatureRates()
  note('signature kernel', rates.kernel)
  const known = rates.batches.find(({ rows }) => rows === MEASURED_ROWS)
  return {
    kernelChecksPerSecondPerCore: rates.kernelPerSecondPerCore,
    kernelKnownSenderChecksPerSecondPerCore: known?.knownKeysPerSecond ?? 0,
    nodeCryptoChecksPerSecond: rates.nodeCryptoSinglePerSecond,
    kernelToNodeCrypto: rates.kernelPerSecondPerCore / rates.nodeCryptoSinglePerSecond,
  }
}

/** The ledger alone. */
export async function measureExecution(): Promise<Figures> {
  const measured = measureExecutionRates().find(
    ({ accounts, transactionsPerBlock, remoteShare, shards }) =>
      accounts === 10_000 &&
      transactionsPerBlock === MEASURED_BLOCK &&
      remoteShare === 0 &&
      shards === 4,
  )
  if (measured === undefined) throw new Error('the ledger is not measured with 2,000 transfers')
  return { executionMicroseconds: measured.cpuMicroseconds }
}

/** The log alone, on the disk where testnets lie. */
export async function measureLog({ note }: BenchContext): Promise<Figures> {
  const { home } = localPlace()
  await mkdir(home, { recursive: true })
  await refuseMemoryFileSystem(home)
  const rates = await measureLogRates(home)
  note('file system', rates.fileSystem)
  return {
    logSyncsPerSecond: rates.groupsPerSecond,
    logSyncP50Ms: rates.syncMs.p50,
    logSyncP99Ms: rates.syncMs.p99,
    logRecoveryMebibytesPerSecond: rates.recoveryMebibytesPerSecond,
  }
}

/** Two processes on loopback. */
export async function measureNetwork(): Promise<Figures> {
  const { rates, roundTripMicroseconds } = await measureNetworkRates(NETWORK_MEGABYTES)
  const at = (bytes: number) => rates.find(({ frameBytes }) => frameBytes === bytes)
  return {
    networkMicrosecondsPerKilobyte: at(LARGE_FRAME_BYTES)?.cpuMicrosecondsPerKilobyte ?? 0,
    networkFramesPerSecond: at(SMALL_FRAME_BYTES)?.framesPerSecond ?? 0,
    networkRoundTripP50Microseconds: roundTripMicroseconds.p50,
  }
}
