/** What the client knows of one transaction that it signed. */
export interface LedgerEntry {
  /** Hash of its bytes, hexadecimal. */
  readonly id: string
  readonly shard: number
  /** A validator that never loses durable data said that it is durable. */
  isAcknowledged: boolean
  /** Result in the first commit event that showed it with an effect; null while none did. */
  result: string | null
  height: number | null
  /** What that event said that it read, hexadecimal; null when it is no read. */
  read: string | null
}

/** One execution of a transaction, as the independent reader found it in the files. */
export interface FoundExecution {
  readonly shard: number
  readonly height: number
  readonly result: string
  readonly read: string | null
}

/** Results of transactions that had no effect: a copy of one that was executed before, or one that came too late or early. */
const TRACELESS: ReadonlySet<string> = new Set(['STALE', 'AHEAD', 'EXPIRED', 'UNKNOWN'])

export function isTraceless(result: string): boolean {
  return TRACELESS.has(result)
}

/** Heights up to which the log of each honest validator holds the whole committed chain of its shard. */
export interface OwnHeight {
  readonly shard: number
  readonly validator: number
  readonly height: number
}

/**
 * Holds the client's own ledger against what is in the files: everything acknowledged is there, once, on every honest chain, and
 * nothing that the client was told is different there. Returns the violations; an empty ledger is one.
 */
export function checkLedger(
  entries: Iterable<LedgerEntry>,
  found: ReadonlyMap<string, readonly FoundExecution[]>,
  ownHeights: readonly OwnHeight[],
): readonly string[] {
  const violations: string[] = []
  let acknowledged = 0
  const neededHeight = new Map<number, number>()
  for (const entry of entries) {
    const effects = (found.get(entry.id) ?? []).filter(({ result }) => !isTraceless(result))
    if (entry.isAcknowledged) acknowledged++
    violations.push(...problemsOf(entry, effects))
    for (const { shard, height } of effects)
      neededHeight.set(shard, Math.max(height, neededHeight.get(shard) ?? 0))
  }
  if (acknowledged === 0) violations.push('nothing was acknowledged, so nothing is proved')
  for (const { shard, validator, height } of ownHeights) {
    const needed = neededHeight.get(shard) ?? 0
    if (height >= needed) continue
    violations.push(
      `validator ${validator} of shard ${shard} holds its chain up to ${height}, transactions of the client are at ${needed}`,
    )
  }
  return violations
}

function problemsOf(entry: LedgerEntry, effects: readonly FoundExecution[]): readonly string[] {
  const { id, shard, isAcknowledged, result, height, read } = entry
  const name = `transaction ${id.slice(0, 16)} of shard ${shard}`
  const [first] = effects
  if (first === undefined) {
    const isPromised = isAcknowledged || result !== null
    return isPromised ? [`${name} was ${promiseOf(entry)} and is in no chain`] : []
  }
  const problems: string[] = []
  if (effects.length > 1) {
    const heights = effects.map((effect) => effect.height).join(', ')
    problems.push(`${name} was executed ${effects.length} times, at heights ${heights}`)
  }
  if (first.shard !== shard) problems.push(`${name} was executed in shard ${first.shard}`)
  if (result !== null && (result !== first.result || height !== first.height)) {
    problems.push(
      `${name} was told as ${result} at height ${height}, the files say ${first.result} at ${first.height}`,
    )
  } else if (result !== null && read !== first.read) {
    problems.push(`${name} was told to have read ${read}, the files say ${first.read}`)
  }
  return problems
}

function promiseOf({ result, height }: LedgerEntry): string {
  return result === null ? 'acknowledged' : `told as ${result} at height ${height}`
}
