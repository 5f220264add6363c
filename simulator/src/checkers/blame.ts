import type { Certificate, LogRecord, VoteKind } from '@shardnet/node/parts'
import { membersOf } from './committee-facts.ts'
import type { Verdict } from './verdict.ts'

/**
 * I10: two certificates that exclude each other share at least n - 2f signers, each of whom signed what no honest member signs.
 * Certificates of all honest logs of a shard meet here, as somebody with all folders would compare them.
 */
export class Blame {
  /** Members proven guilty, by shard. */
  readonly guilty: readonly Set<number>[]
  readonly #verdict: Verdict
  readonly #known: Map<number, Certificate>[]

  constructor(verdict: Verdict, shards: number) {
    this.#verdict = verdict
    this.guilty = Array.from({ length: shards }, () => new Set<number>())
    this.#known = Array.from({ length: shards }, () => new Map<number, Certificate>())
  }

  onDurable(shard: number, records: readonly LogRecord[]): void {
    for (const record of records)
      if (record.kind === 'certificate') this.#take(shard, record.certificate)
  }

  #take(shard: number, certificate: Certificate): void {
    const { kind, view, value } = certificate
    const known = this.#known[shard]
    if (known === undefined) return
    const same = known.get(placeOf(kind, view))
    if (same === undefined) known.set(placeOf(kind, view), certificate)
    else if (same.value !== value) this.#contradict(shard, same, certificate)
    if (kind === 'prepare') return
    const excluded = known.get(placeOf(kind === 'commit' ? 'skip' : 'commit', view))
    if (excluded !== undefined) this.#contradict(shard, excluded, certificate)
  }

  #contradict(shard: number, first: Certificate, second: Certificate): void {
    const signers = new Set(membersOf(second.signers))
    for (const signer of membersOf(first.signers))
      if (signers.has(signer)) this.guilty[shard]?.add(signer)
    this.#verdict.report(
      'I1 agreement',
      `shard ${shard}, view ${first.view}: certificates exclude each other, ${first.kind} ${first.value} and ${second.kind} ${second.value}`,
    )
  }
}

const KINDS: readonly VoteKind[] = ['prepare', 'commit', 'skip']

function placeOf(kind: VoteKind, view: number): number {
  return view * KINDS.length + KINDS.indexOf(kind)
}
