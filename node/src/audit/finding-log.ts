import type { CheckedCounts, Finding } from './report.ts'

/** One broken rule usually breaks all that follows: this many of a kind say enough. */
const FINDINGS_PER_KIND_MAX = 20

/** Gathers findings and counts of one audit. Equal findings count once; the order is that of `sorted`, not of discovery. */
export class FindingLog {
  readonly checked: CheckedCounts = {
    folders: 0,
    logBytes: 0,
    groups: 0,
    records: 0,
    tornBytes: 0,
    certificates: 0,
    votes: 0,
    evidence: 0,
    proposals: 0,
    blocks: 0,
    batches: 0,
    batchRecords: 0,
    transactions: 0,
    transactionSignatures: 0,
    imports: 0,
    messages: 0,
    rootsCompared: 0,
  }
  readonly #kinds = new Map<string, Map<string, Finding>>()
  readonly #faulty: readonly { readonly shard: number; readonly validator: number }[]

  /** `faulty`: validators whose misbehaviour is expected. */
  constructor(faulty: readonly { readonly shard: number; readonly validator: number }[]) {
    this.#faulty = faulty
  }

  add(finding: Finding): void {
    const { code, shard, validator } = finding
    const isExpected = this.#faulty.some(
      (one) => one.shard === shard && one.validator === validator,
    )
    if (isExpected && (code === 'misbehaviour' || code === 'authorEquivocation')) return
    const kind = `${finding.code} ${finding.shard} ${finding.validator ?? ''}`
    const known = this.#kinds.get(kind) ?? new Map<string, Finding>()
    this.#kinds.set(kind, known)
    known.set(`${finding.height ?? ''} ${finding.message}`, finding)
  }

  /** All findings up to the limit of each kind, by shard, height, validator, code and message. */
  sorted(): { readonly findings: readonly Finding[]; readonly leftOut: number } {
    let leftOut = 0
    const findings: Finding[] = []
    for (const kind of this.#kinds.values()) {
      const ordered = [...kind.values()].toSorted(compareFindings)
      leftOut += Math.max(0, ordered.length - FINDINGS_PER_KIND_MAX)
      findings.push(...ordered.slice(0, FINDINGS_PER_KIND_MAX))
    }
    return { findings: findings.toSorted(compareFindings), leftOut }
  }
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    a.shard - b.shard ||
    (a.height ?? -1) - (b.height ?? -1) ||
    (a.validator ?? -1) - (b.validator ?? -1) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
