import { hexOf, resultNameOf, type CommitNotice } from '@shardnet/node/parts'
import type { ClientTransfer } from '../world/client-transfer.ts'
import type { Machine } from '../world/machine.ts'
import type { MachineExecution } from '../world/machine-watch.ts'
import type { Verdict } from './verdict.ts'

const TAG_BYTES = 8

/** I4, I5, I6 as a client sees them: what it was promised, and what became of each transfer. */
export class ClientLedger {
  readonly #verdict: Verdict
  /** Tags of acknowledged transfers that no block has ordered, and who acknowledged each. */
  readonly #open = new Map<string, Machine>()
  readonly #effective = new Set<string>()
  readonly #notices: CommitNotice[][]
  acknowledged = 0
  /** Executed with the result OK. */
  committed = 0
  readonly results = new Map<string, number>()

  constructor(verdict: Verdict, shards: number) {
    this.#verdict = verdict
    this.#notices = Array.from({ length: shards }, () => [])
  }

  onAcknowledged(machine: Machine, transfers: readonly ClientTransfer[]): void {
    this.acknowledged += transfers.length
    for (const { tag } of transfers) this.#open.set(tag, machine)
  }

  /** Takes each height of a shard once. */
  take(shard: number, { executed, notice }: MachineExecution): void {
    const notices = this.#notices[shard] ?? []
    if (executed.height !== notices.length + 1) return
    notices.push(notice)
    for (const { count, tags, results } of executed.event.batches) {
      for (let index = 0; index < count; index++) {
        const tag = hexOf(tags.subarray(index * TAG_BYTES, (index + 1) * TAG_BYTES))
        this.#open.delete(tag)
        this.#settle(tag, resultNameOf(results[index] ?? 0))
      }
    }
  }

  /** Transfers that a validator which still runs acknowledged, and that no block has ordered. */
  unsettled(): string[] {
    return [...this.#open].flatMap(([tag, machine]) => (machine.isUp ? [tag] : []))
  }

  #settle(tag: string, result: string): void {
    this.results.set(result, (this.results.get(result) ?? 0) + 1)
    if (result !== 'OK') return
    this.committed++
    this.#verdict.check(!this.#effective.has(tag), 'I6 exactly once', () => {
      return `transfer ${tag} took effect twice`
    })
    this.#effective.add(tag)
  }
}
