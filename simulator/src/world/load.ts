import {
  bytesOfHash,
  encodeCellTransaction,
  encodeTransfer,
  hexOf,
  joinBytes,
  type HeaderFields,
} from '@shardnet/node/parts'
import { drawCellOperation } from './cell-draw.ts'
import type { ClientTransfer } from './client-transfer.ts'
import type { SimulatedAccount, SimulatedGenesis } from './genesis.ts'
import type { Machine } from './machine.ts'
import { Random } from './random.ts'
import { signTransfer } from './transfer-signature.ts'
import type { WorldPlan } from './world-plan.ts'

const SIGNATURE_BYTES = 64
const ADDRESS_BYTES = 32
const VALID_HEIGHTS = 10_000
const NONCE_WINDOW = 64

/** The clients: accounts that pay each other, within shards and across, and write and read cells, mostly as they should. */
export class Load {
  readonly #plan: WorldPlan
  readonly #genesis: SimulatedGenesis
  readonly #random: Random
  /** Next nonce of each account, by shard. */
  readonly #nonces: number[][]
  readonly #past: ClientTransfer[] = []
  submitted = 0

  constructor(plan: WorldPlan, genesis: SimulatedGenesis) {
    this.#plan = plan
    this.#genesis = genesis
    this.#random = new Random(plan.seed, 'load')
    this.#nonces = genesis.accounts.map((accounts) => accounts.map(() => 0))
  }

  /** Milliseconds until clients of a shard come again. */
  nextPauseMs(): number {
    return this.#random.exponential(this.#plan.load.pauseMs)
  }

  /** Some clients of a shard hand in transfers at one of its validators. */
  arrive(shard: number, machines: readonly Machine[], height: number): void {
    const random = this.#random
    const transfers = Array.from({ length: 1 + random.below(this.#plan.load.transfersMax) }, () =>
      this.#draw(shard, height),
    )
    this.submitted += transfers.length
    const machine = random.pick(machines)
    machine.process?.door.submit(transfers)
    // Clients that heard nothing send the same bytes to another validator.
    if (random.chance(0.1)) random.pick(machines).process?.door.submit(transfers)
  }

  #draw(shard: number, height: number): ClientTransfer {
    const random = this.#random
    const { oddShare } = this.#plan.load
    const past = this.#past
    if (past.length > 0 && random.chance(oddShare / 4)) {
      const again = random.pick(past)
      if (again.shard === shard) return again
    }
    const odd = random.chance(oddShare) ? random.below(6) : -1
    const index = random.below(this.#plan.accountsPerShard)
    const payer = this.#accountOf(shard, index)
    const ofShard = this.#nonces[shard] ?? []
    const next = ofShard[index] ?? 0
    const nonce = this.#nonceOf(odd, next)
    if (nonce === next) ofShard[index] = next + 1
    const validUntil =
      odd === 3 ? Math.max(0, height + random.below(8) - 2) : height + VALID_HEIGHTS
    const transfer = this.#sign(payer, { nonce, validUntil, odd })
    if (past.length < 64) past.push(transfer)
    return transfer
  }

  #nonceOf(odd: number, next: number): number {
    const random = this.#random
    if (odd === 0) return Math.max(0, next - 1 - random.below(4))
    if (odd === 1) return next + NONCE_WINDOW - 2 + random.below(4)
    if (odd === 2) return next + 1 + random.below(5)
    return next
  }

  #sign(
    payer: SimulatedAccount,
    { nonce, validUntil, odd }: { nonce: number; validUntil: number; odd: number },
  ): ClientTransfer {
    const random = this.#random
    const { networkId } = this.#genesis
    const stranger = odd === 5 ? random.bytes(ADDRESS_BYTES) : payer.key
    const header = { networkId, payerSlot: payer.slot, payerKey: stranger, nonce, validUntil }
    const bytes = random.chance(this.#plan.load.cellShare)
      ? this.#encodeOnCell(header, payer)
      : this.#encodeTransfer(header, payer, odd === 4)
    const end = bytes.length - SIGNATURE_BYTES
    const signed = joinBytes([bytesOfHash(networkId), bytes.subarray(0, end)])
    bytes.set(signTransfer(hexOf(stranger), signed), end)
    const tag = hexOf(bytes.subarray(end, end + 8))
    return { tag, shard: payer.shard, validUntil, bytes }
  }

  #encodeTransfer(
    header: Omit<HeaderFields, 'fee'>,
    payer: SimulatedAccount,
    isTooMuch: boolean,
  ): Uint8Array {
    const random = this.#random
    const { balance } = this.#plan
    const payees = Array.from({ length: random.chance(0.8) ? 1 : 1 + random.below(4) }, () => ({
      address: this.#payeeOf(payer.shard),
      amount: isTooMuch ? balance * 3 : 1 + random.below(balance / 10),
    }))
    const fee = random.pick([0, 1, 1, balance])
    const payload = random.bytes(random.pick([0, 0, 8]))
    return encodeTransfer({ ...header, fee, payees, payload })
  }

  #encodeOnCell(header: Omit<HeaderFields, 'fee'>, payer: SimulatedAccount): Uint8Array {
    const random = this.#random
    // Around what a new cell costs; more than some payers have.
    const fee = random.pick([0, 1, 99, 100, 100])
    const payload = random.bytes(random.pick([0, 0, 8]))
    const operation = drawCellOperation(random, payer.slot)
    return encodeCellTransaction({ ...header, fee, operation, payload })
  }

  #payeeOf(shard: number): Uint8Array {
    const random = this.#random
    const { shards, load, accountsPerShard } = this.#plan
    let to = shard
    if (shards > 1 && random.chance(load.crossShare))
      to = (shard + 1 + random.below(shards - 1)) % shards
    const account = this.#accountOf(to, random.below(accountsPerShard))
    if (!random.chance(0.1)) return account.address
    // Somebody new, in a slot that others have already.
    const address = random.bytes(ADDRESS_BYTES)
    address.set(account.address.subarray(0, 2))
    return address
  }

  #accountOf(shard: number, index: number): SimulatedAccount {
    const account = this.#genesis.accounts[shard]?.[index]
    if (account === undefined) throw new RangeError(`no account ${index} in shard ${shard}`)
    return account
  }
}
