import { type LoadNetwork, type Scrape, scrape, type Target } from '@shardnet/load-generator'
import { refuseMemoryFileSystem } from '@shardnet/node/bench'
import { defaultTestnet, type Testnet } from '@shardnet/operator/api'
import { type LaunchedTestnet, launchTestnet, type TestnetStatus } from '@shardnet/operator/local'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../src/input-error.ts'
import { localPlace } from '../src/place.ts'
import { waitForFirstBlock } from '../src/run/first-block.ts'
import { loadNetworkOf, targetsOf } from '../src/run/load-network.ts'
import { cpuMicrosecondsOf } from './process-readings.ts'

/** Validators of the one shard that is measured. */
export const VALIDATORS = 4

/** A testnet of one shard under measurement: real processes on a real disk, brought up as every local testnet is. */
export interface BenchTestnet {
  readonly document: Testnet
  readonly status: TestnetStatus
  readonly network: LoadNetwork
  readonly targets: readonly Target[]
  readonly pids: readonly number[]
  /** Name of the file system that the logs lie on. */
  readonly fileSystem: string
  /** Processor time of all validators so far. */
  cpuMicroseconds(): number
  scrapeAll(signal: AbortSignal): Promise<readonly Scrape[]>
}

/** The document of the measured testnet: the default one with one shard. */
export function benchDocument(): Testnet {
  const base = defaultTestnet()
  return {
    ...base,
    metadata: { ...base.metadata, name: 'bench' },
    spec: { ...base.spec, shards: 1, validatorsPerShard: VALIDATORS },
  }
}

/**
 * Brings a testnet up in a folder of its own, hands it to `work`, and ends it; nothing is left of it, whatever happens.
 * @throws LogError when the folder lies in memory, LocalError when the testnet does not come up.
 */
export async function withBenchTestnet<Result>(
  signal: AbortSignal,
  work: (testnet: BenchTestnet) => Promise<Result>,
): Promise<Result> {
  if (process.platform !== 'linux')
    throw new InputError([
      'saturation, latency and memory: expected Linux, whose /proc says what processes take; name other benches',
    ])
  const place = localPlace()
  await mkdir(place.home, { recursive: true })
  const { name: fileSystem } = await refuseMemoryFileSystem(place.home)
  const home = await mkdtemp(join(place.home, 'bench-'))
  const document = benchDocument()
  try {
    const options = { document, isEphemeral: true, portsFrom: null }
    const launched = launchTestnet({ ...place, home }, options)
    try {
      const status = await launched.waitUntilReady(signal)
      await waitForFirstBlock(status, signal)
      const testnet = await benchTestnetOf(document, status, fileSystem)
      const result = await work(testnet)
      await mustBeUnbroken(launched, status)
      return result
    } finally {
      await launched.stop()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function benchTestnetOf(
  document: Testnet,
  status: TestnetStatus,
  fileSystem: string,
): Promise<BenchTestnet> {
  const pids = status.validators.flatMap(({ pid }) => pid ?? [])
  return {
    document,
    status,
    network: await loadNetworkOf(status),
    targets: targetsOf(status),
    pids,
    fileSystem,
    cpuMicroseconds: () => pids.reduce((sum, pid) => sum + cpuMicrosecondsOf(pid), 0),
    scrapeAll: (signal) =>
      Promise.all(status.validators.map(({ httpAddress }) => scrape(httpAddress, signal))),
  }
}

/** Figures of a run during which a validator died and came back would be of something else. */
async function mustBeUnbroken(launched: LaunchedTestnet, begun: TestnetStatus): Promise<void> {
  const now = await launched.status()
  const died = now?.validators.find(({ pid }, index) => pid !== begun.validators[index]?.pid)
  if (died === undefined) return
  throw new Error(`validator ${died.name} died while it was measured: ${died.lastEnd ?? 'killed'}`)
}
