import { checkBatchForm, messageLeafOf, Replay } from '@shardnet/node/audit'
import {
  blockHashOf,
  networkTagOf,
  slotRangeOf,
  type ImportBundle,
  type Roots,
} from '@shardnet/node/parts'
import type { SimulatedGenesis } from '../world/genesis.ts'
import type { Machine } from '../world/machine.ts'
import type { MachineExecution, Restored } from '../world/machine-watch.ts'
import type { CommitteeFacts } from './committee-facts.ts'
import type { Verdict } from './verdict.ts'

/** How far the messages from one shard to another have come. */
export interface Transit {
  readonly sent: number
  readonly taken: number
  readonly acknowledged: number
}

const MESSAGE_BYTES = 96
const PAYLOAD_BYTES_MAX = 256

/**
 * I2, I6, I7, I8: executes every block once more with the audit's own executor, which shares no code with the ledger, and holds the order of
 * batches and imports, the roots that headers name, every imported message against what its source sent, and the supply.
 */
export class ReExecution {
  readonly #verdict: Verdict
  readonly #facts: readonly CommitteeFacts[]
  readonly #shards: ShardReplay[]
  readonly #supply: bigint

  constructor(verdict: Verdict, facts: readonly CommitteeFacts[], genesis: SimulatedGenesis) {
    this.#verdict = verdict
    this.#facts = facts
    this.#shards = facts.map((_, shard) => new ShardReplay(genesis, shard))
    this.#supply = this.#total()
  }

  /** Messages that one shard sent to another, that the other took, and that the first knows to be taken. */
  transit(source: number, destination: number): Transit {
    const outgoing = this.#shards[source]?.replay.channels[destination]
    const incoming = this.#shards[destination]?.replay.channels[source]
    return {
      sent: outgoing?.sent.size ?? 0,
      taken: incoming?.taken ?? 0,
      acknowledged: outgoing?.acknowledged ?? 0,
    }
  }

  /** A voter that starts from a checkpoint knows the roots that led up to it, or it could not judge the next headers. */
  onRestored({ name, seat }: Machine, { height, roots }: Restored): void {
    const newest = roots.at(-1)?.height ?? 0
    this.#verdict.check(newest === height, 'I4 checkpoint', () => {
      return `${name} starts at height ${height} with roots up to ${newest}`
    })
    const own = this.#shards[seat.shard]
    for (const entry of roots) {
      const known = own?.rootsAt(entry.height) ?? null
      this.#verdict.check(known === null || isSame(known, entry.roots), 'I4 checkpoint', () => {
        return `${name} starts with other roots for height ${entry.height} than its blocks lead to`
      })
    }
  }

  /** Takes each height once, in order, from the first machine that executes it. */
  take(shard: number, execution: MachineExecution): void {
    const own = this.#shards[shard]
    const { block, effect, executed } = execution
    if (own === undefined || block.height !== own.replay.height + 1) return
    const name = `shard ${shard}, height ${block.height}`
    for (const fault of own.orderFaults(execution))
      this.#verdict.report('I6 exactly once', `${name}: ${fault}`)
    for (const bundle of block.imports) this.#checkBundle(name, shard, bundle)
    if (!this.#verdict.isClean) return
    own.execute(execution)
    const named = effect.proposal.header.executed
    const known = own.rootsAt(named.height)
    this.#verdict.check(known !== null && isSame(known, named.roots), 'I2 validity', () => {
      return `${name}: the header names other roots for height ${named.height} than its blocks lead to`
    })
    this.#verdict.check(isSame(own.roots, executed.roots), 'I2 validity', () => {
      return `${name}: the ledger's roots are not those of an independent execution`
    })
    this.#verdict.check(own.replay.accounts.firstBrokenWindow() === null, 'I6 exactly once', () => {
      return `${name}: an account used a nonce twice`
    })
    const total = this.#total()
    this.#verdict.check(total === this.#supply, 'I7 conservation', () => {
      return `${name}: balances and money in flight are ${total}, the genesis made ${this.#supply}`
    })
  }

  #checkBundle(name: string, shard: number, bundle: ImportBundle): void {
    const source = bundle.header.shard
    const { certificate, header, first, count, messages } = bundle
    const facts = this.#facts[source]
    const isOfHeader = certificate.kind === 'commit' && certificate.value === blockHashOf(header)
    const isCommitted = isOfHeader && facts?.faultOf(certificate) === null
    this.#verdict.check(isCommitted, 'I8 cross-shard', () => {
      return `${name}: an import of shard ${source} is not committed there`
    })
    const sent = this.#shards[source]?.replay.channels[shard]?.sent
    for (let index = 0; index < count; index++) {
      const message = messages.subarray(index * MESSAGE_BYTES, (index + 1) * MESSAGE_BYTES)
      const leaf = sent?.leaves(first + index, 1)
      const isSent = leaf !== undefined && Buffer.compare(messageLeafOf(message), leaf) === 0
      this.#verdict.check(isSent, 'I8 cross-shard', () => {
        return `${name}: message ${first + index} of shard ${source} is not what that shard sent`
      })
    }
  }

  #total(): bigint {
    let total = 0n
    for (const { replay } of this.#shards) {
      total += replay.accounts.balances()
      for (const channel of replay.channels) total += channel.totalSent - channel.totalTaken
    }
    return total
  }
}

/** One shard's replay with its own ordering state. */
class ShardReplay {
  readonly replay: Replay
  roots: Roots
  readonly #form: Parameters<typeof checkBatchForm>[2]
  readonly #roots: Roots[]
  readonly #lastSequence = new Map<number, number>()
  readonly #inNext = new Map<number, number>()

  constructor(genesis: SimulatedGenesis, shard: number) {
    const { shards, outboxWindow } = genesis.ledgerParametersOf(shard)
    const slots = slotRangeOf(shard, shards)
    this.replay = new Replay({
      shard,
      shards,
      slotFirst: slots.first,
      outboxWindow,
      balance: BigInt(genesis.balance),
      accounts: genesis.accountRowsOf(shard),
    })
    this.#form = {
      networkTag: networkTagOf(genesis.networkId),
      slotFirst: slots.first,
      slotEnd: slots.end,
      payloadBytesMax: PAYLOAD_BYTES_MAX,
    }
    this.roots = this.replay.roots()
    this.#roots = [this.roots]
  }

  rootsAt(height: number): Roots | null {
    return this.#roots[height] ?? null
  }

  orderFaults({ effect }: MachineExecution): string[] {
    const faults: string[] = []
    const { imports, batches } = effect.proposal.body
    for (const { source, first, count } of imports) {
      const next = this.#inNext.get(source) ?? 0
      if (first !== next) faults.push(`import of shard ${source} from ${first}, next is ${next}`)
      this.#inNext.set(source, first + count)
    }
    for (const { author, sequence } of batches) {
      const next = (this.#lastSequence.get(author) ?? 0) + 1
      if (sequence !== next) faults.push(`batch ${sequence} of author ${author}, next is ${next}`)
      this.#lastSequence.set(author, sequence)
    }
    return faults
  }

  execute({ block }: MachineExecution): void {
    this.replay.execute({
      height: block.height,
      imports: block.imports.map(({ header, pair, messages }) => ({
        source: header.shard,
        acknowledged: pair.inNext,
        messages: bufferOf(messages),
      })),
      batches: block.batches.map(({ digest, body }) => ({
        digest,
        body: bufferOf(body),
        rows: this.#rowsOf(body),
      })),
    })
    this.roots = this.replay.roots()
    this.#roots.push(this.roots)
  }

  /** As many transactions as the bytes have: what the header says was checked when the batch was ordered. */
  #rowsOf(body: Uint8Array): Uint32Array | null {
    let count = 0
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    for (let at = 0; at + 64 <= body.length; count++)
      at += 128 + view.getUint8(at + 60) * 40 + view.getUint32(at + 56)
    const form = checkBatchForm(body, count, this.#form)
    return form.kind === 'valid' ? form.rows : null
  }
}

function isSame(a: Roots, b: Roots): boolean {
  return a.state === b.state && a.outbox === b.outbox && a.result === b.result
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
