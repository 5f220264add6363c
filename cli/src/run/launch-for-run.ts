import type { RunDocuments } from '@shardnet/operator/api'
import {
  isKept,
  type LaunchedTestnet,
  launchTestnet,
  LocalError,
  type LocalPlace,
} from '@shardnet/operator/local'

/** A name for a run, and whether somebody chose it. */
export interface RunLaunch {
  readonly documents: RunDocuments
  readonly isNamed: boolean
  readonly portsFrom: number | null
}

const RUNS_MAX = 100

/**
 * Launches the testnet of one run. Several runs at once each take a name of their own, unless one was chosen.
 * @throws {LocalError} when the chosen name is taken.
 */
export function launchForRun(
  place: LocalPlace,
  { documents, isNamed, portsFrom }: RunLaunch,
): LaunchedTestnet {
  const { testnet } = documents
  const base = testnet.metadata.name
  for (let turn = 1; ; turn++) {
    const name = turn === 1 ? base : `${base}-${turn}`
    const document = { ...testnet, metadata: { ...testnet.metadata, name } }
    const isLast = isNamed || turn === RUNS_MAX
    if (!isLast && isKept(place, name)) continue
    try {
      return launchTestnet(place, { document, isEphemeral: true, portsFrom })
    } catch (error) {
      // Another launcher took the name meanwhile, or it is a testnet with data to keep.
      if (isLast || !(error instanceof LocalError && error.code === 'alreadyRunning')) throw error
    }
  }
}
