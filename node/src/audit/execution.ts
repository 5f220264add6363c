import type { Roots } from '../core/wire/block.ts'
import type { Chain } from './chain.ts'
import type { FindingLog } from './finding-log.ts'
import type { OrderedBlock } from './ordering.ts'
import type { PlaceReader } from './place-reader.ts'
import type { Replay, ReplayBlock } from './replay.ts'
import type { FindingCode } from './report.ts'

/** What the replay of one shard's chain came to. */
export interface Execution {
  readonly roots: Roots
  /** Greatest height whose roots a header named and the replay confirmed. */
  readonly confirmedTo: number
}

/** Executes a chain from the genesis and compares the roots with those that headers name. */
export function executeChain(
  replay: Replay,
  chain: Chain,
  ordered: readonly OrderedBlock[],
  tools: ExecutionTools,
): Execution {
  const named = namedRoots(chain)
  const comparison = new RootComparison(replay, tools.findings)
  let roots = tools.genesisRoots
  comparison.compare(named.get(0), roots)
  for (const block of ordered) {
    replay.execute(loaded(block, tools.reader))
    const namers = named.get(replay.height)
    const isLast = block === ordered.at(-1)
    // Roots that nobody names need not be computed, except the last ones for the report.
    if (namers === undefined && !isLast) continue
    roots = replay.roots()
    comparison.compare(namers, roots)
  }
  const broken = replay.accounts.firstBrokenWindow()
  if (broken !== null) {
    const { shard } = replay.rules
    const message = `account ${broken.address.toString('hex')}: ${broken.noncesUsed} transactions, window at ${broken.nonceBase}`
    tools.findings.add({ code: 'executedTwice', shard, message })
  }
  return { roots, confirmedTo: comparison.confirmedTo }
}

const MESSAGE_BYTES = 96

/** Reads what a block names from the folders in which it was found. */
function loaded({ block, imports, batches }: OrderedBlock, reader: PlaceReader): ReplayBlock {
  return {
    height: block.header.height,
    imports: imports.map(({ header, pair, place, count, bytesBehindMessages }) => {
      const record = reader.read(place)
      const end = record.length - bytesBehindMessages
      const messages = record.subarray(end - count * MESSAGE_BYTES, end)
      return { source: header.shard, acknowledged: pair.inNext, messages }
    }),
    batches: batches.map(({ digest, place, rows }) => ({
      digest,
      body: rows === null ? Buffer.alloc(0) : reader.read(place),
      rows,
    })),
  }
}

/** What the execution of every shard shares. */
interface ExecutionTools {
  readonly genesisRoots: Roots
  readonly reader: PlaceReader
  readonly findings: FindingLog
}

/** Which block says which roots of an executed height. */
interface NamedRoots {
  readonly height: number
  readonly roots: Roots
}

function namedRoots(chain: Chain): Map<number, NamedRoots[]> {
  const named = new Map<number, NamedRoots[]>()
  for (const { header } of chain.blocks) {
    const { height, roots } = header.executed
    const namers = named.get(height) ?? []
    named.set(height, namers)
    namers.push({ height: header.height, roots })
  }
  return named
}

class RootComparison {
  readonly #replay: Replay
  readonly #findings: FindingLog
  confirmedTo = 0

  constructor(replay: Replay, findings: FindingLog) {
    this.#replay = replay
    this.#findings = findings
  }

  compare(namers: readonly NamedRoots[] | undefined, own: Roots): void {
    for (const { height, roots } of namers ?? []) {
      this.#findings.checked.rootsCompared += 1
      const isState = this.#equal('stateRootWrong', height, roots.state, own.state)
      const isOutbox = this.#equal('outboxRootWrong', height, roots.outbox, own.outbox)
      const isResult = this.#equal('resultRootWrong', height, roots.result, own.result)
      if (isState && isOutbox && isResult)
        this.confirmedTo = Math.max(this.confirmedTo, this.#replay.height)
      if (!isResult && roots.result === this.#replay.resultRootWithoutNonces()) {
        const { shard } = this.#replay.rules
        const message = `height ${this.#replay.height} executed transactions whose nonces were used before`
        this.#findings.add({ code: 'executedTwice', shard, height, message })
      }
    }
  }

  #equal(code: FindingCode, height: number, named: string, own: string): boolean {
    if (named === own) return true
    const { shard } = this.#replay.rules
    const message = `${named} for executed height ${this.#replay.height}, the replay has ${own}`
    this.#findings.add({ code, shard, height, message })
    return false
  }
}
