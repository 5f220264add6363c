import type { CommitEffect, Hash, Roots } from '@shardnet/node/parts'
import type { Machine } from '../world/machine.ts'
import type { MachineExecution } from '../world/machine-watch.ts'
import type { Verdict } from './verdict.ts'

interface AgreedBlock {
  readonly hash: Hash
  readonly by: string
  roots: Roots | null
  digest: Hash | null
  /** Machines that executed it, by name. */
  readonly executedBy: Set<string>
}

/** I1: at one height of a shard all honest validators commit one block, and executing it gives all of them the same roots and event. */
export class Agreement {
  readonly #verdict: Verdict
  readonly #chains: AgreedBlock[][]
  /** Next height that a life of a machine has to commit. */
  readonly #nextHeight = new Map<string, number>()

  constructor(verdict: Verdict, shards: number) {
    this.#verdict = verdict
    this.#chains = Array.from({ length: shards }, () => [])
  }

  /** Height of the longest honest chain. */
  heightOf(shard: number): number {
    return this.#chains[shard]?.length ?? 0
  }

  /** Machines known to have executed a height. */
  executionsOf(shard: number, height: number): number {
    return this.#chains[shard]?.[height - 1]?.executedBy.size ?? 0
  }

  onBoot(machine: Machine): void {
    this.#nextHeight.delete(machine.name)
  }

  /** True when nobody had committed the height before. */
  onCommit(machine: Machine, { hash, proposal }: CommitEffect): boolean {
    const { height, parentHash } = proposal.header
    const { shard } = machine.seat
    const expected = this.#nextHeight.get(machine.name)
    this.#verdict.check(expected === undefined || height === expected, 'I1 agreement', () => {
      return `${machine.name} commits height ${height} where ${expected} is next`
    })
    this.#nextHeight.set(machine.name, height + 1)
    const chain = this.#chains[shard] ?? []
    const known = chain[height - 1]
    if (known !== undefined) {
      this.#verdict.check(known.hash === hash, 'I1 agreement', () => {
        return `shard ${shard}, height ${height}: ${machine.name} commits ${hash}, ${known.by} committed ${known.hash}`
      })
      return false
    }
    this.#verdict.check(height === chain.length + 1, 'I1 agreement', () => {
      return `${machine.name} commits height ${height}, but nobody committed ${chain.length + 1}`
    })
    const before = chain[height - 2]
    this.#verdict.check(
      before === undefined || before.hash === parentHash,
      'I1 agreement',
      () => `shard ${shard}, height ${height}: the parent is not the block below`,
    )
    chain.push({ hash, by: machine.name, roots: null, digest: null, executedBy: new Set() })
    return true
  }

  onExecuted(machine: Machine, { block, executed, notice }: MachineExecution): void {
    const { shard } = machine.seat
    const agreed = this.#chains[shard]?.[block.height - 1]
    if (agreed === undefined) {
      return this.#verdict.report('I1 agreement', `${machine.name} executes what nobody committed`)
    }
    agreed.executedBy.add(machine.name)
    const { state, outbox, result } = executed.roots
    const roots = (agreed.roots ??= executed.roots)
    const isSame = roots.state === state && roots.outbox === outbox && roots.result === result
    this.#verdict.check(
      isSame && (agreed.digest ??= notice.digest) === notice.digest,
      'I1 agreement',
      () => {
        return `shard ${shard}, height ${block.height}: ${machine.name} executes to other roots or another event`
      },
    )
  }
}
