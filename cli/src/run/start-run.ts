import type { LoadProgress, LoadResult } from '@shardnet/load-generator'
import type { RunPrices } from '@shardnet/load-generator/cost'
import type { RunDocuments } from '@shardnet/operator/api'
import { type LaunchedTestnet, type TestnetStatus } from '@shardnet/operator/local'
import { localPlace } from '../place.ts'
import { addressLines } from '../view/addresses.ts'
import type { RunView } from '../view/run-view.ts'
import { factsOf } from './facts.ts'
import { waitForFirstBlock } from './first-block.ts'
import { launchForRun } from './launch-for-run.ts'
import { loadTestnet } from './load.ts'
import { reachOfStatus } from './reach.ts'
import { RestartWatch } from './restarts.ts'
import { checkSafety } from './safety.ts'
import { isInterruption, watchInterrupts } from './interrupt.ts'

/** One whole run: what it measured, and what its testnet was. */
export interface FinishedRun {
  readonly result: LoadResult
  readonly status: TestnetStatus
}

/** What a run is told. */
export interface StartRequest {
  readonly documents: RunDocuments
  /** Whether the name was chosen; a default name gives way to a run that has it already. */
  readonly isNamed: boolean
  readonly portsFrom: number | null
  /** When the run began, on the clock that begins with the process. */
  readonly startMs: number
  /** What to type to do this again. */
  readonly command: string
  readonly prices?: RunPrices | undefined
  readonly reportFolder: string
  readonly view: RunView
}

/**
 * Brings a testnet up, loads it, takes it down and checks its files. Null when it was interrupted before it took load.
 * Whatever happens, the testnet's processes have ended when this returns or throws.
 */
export async function startRun(request: StartRequest): Promise<FinishedRun | null> {
  const { view } = request
  const launched = launchForRun(localPlace(), request)
  const interrupt = watchInterrupts(
    () => view.say('Ending in good order; press Ctrl-C again to end at once.'),
    () => void launched.kill().finally(() => process.exit(130)),
  )
  try {
    return await loadAndCheck(request, launched, interrupt.signal)
  } catch (error) {
    if (isInterruption(error, interrupt.signal)) return null
    throw error
  } finally {
    view.close()
    await launched.stop()
    interrupt.release()
  }
}

async function loadAndCheck(
  request: StartRequest,
  launched: LaunchedTestnet,
  signal: AbortSignal,
): Promise<FinishedRun> {
  const { view } = request
  const { testnet } = request.documents
  view.phase('Starting the validators')
  const status = await launched.waitUntilReady(signal)
  for (const line of await addressLines(status, request.reportFolder)) view.say(line)
  await waitForFirstBlock(status, signal)
  const seconds = ((performance.now() - request.startMs) / 1_000).toFixed(1)
  view.say(`First block of every shard ${seconds} s after the start.`)
  const measured = await loadWatched(request, launched, status, signal)
  view.phase('Stopping the validators')
  const last = (await launched.status()) ?? status
  await launched.stop()
  view.phase('Checking the files of all validators')
  const { withSafety } = await import('@shardnet/load-generator')
  const safety = await checkSafety({ ...status, validators: last.validators, document: testnet })
  return { result: withSafety(measured, safety), status }
}

async function loadWatched(
  { documents, command, prices, view }: StartRequest,
  launched: LaunchedTestnet,
  status: TestnetStatus,
  signal: AbortSignal,
): Promise<LoadResult> {
  view.phase('Signing the first transactions')
  const restarts = new RestartWatch(status, () => launched.status())
  const onProgress = (progress: LoadProgress, totalMs: number) => {
    restarts.at(progress.elapsedMs)
    view.progress(progress, totalMs)
  }
  const { testnet, loadTest } = documents
  const facts = factsOf(testnet.spec.protocol)
  try {
    const result = await loadTestnet({
      reach: await reachOfStatus(status),
      status,
      loadTest,
      isFresh: true,
      facts,
      command,
      prices,
      signal,
      onProgress,
    })
    const { withMarks } = await import('@shardnet/load-generator')
    return withMarks(result, restarts.close())
  } finally {
    restarts.close()
  }
}
