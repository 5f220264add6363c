import blst from '@chainsafe/blst'
import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  accountSeed,
  accountTableHashOf,
  accountsOfShard,
  deriveAccountTable,
} from '../../../src/config/accounts.ts'
import {
  committeesOf,
  createGenesis,
  formatGenesis,
  networkIdOf,
  type FoundedTestnet,
  type GenesisOptions,
} from '../../../src/config/genesis.ts'
import { Secret } from '../../../src/config/secret.ts'
import { peerKeyOfSeed } from '../../../src/config/validator-keys.ts'
import { must } from '../../../src/core/errors.ts'
import { bytesOfHash, type Hash } from '../../../src/core/primitives/hash.ts'
import { encodeLogRecord } from '../../../src/core/wire/log-record.ts'
import {
  cellKeyOf,
  encodeCellTransaction,
  type CellOperation,
} from '../../../src/core/wire/cell-operation.ts'
import { encodeTransfer } from '../../../src/core/wire/transaction.ts'
import type { ValidatorFolder } from '../../../src/audit/door.ts'
import { FixtureShard } from './fixture-shard.ts'
import { writeLogFolder, type WrittenGroup } from './log-writer.ts'

const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An ed25519 signing key from its seed. */
function signingKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([SEED_PREFIX, seed]), format: 'der', type: 'pkcs8' })
}

export interface AccountName {
  readonly shard: number
  readonly index: number
}

export interface TransferPlan {
  readonly payer: AccountName
  readonly nonce: number
  readonly payees: readonly (AccountName & { readonly amount: number })[]
  readonly fee?: number
  readonly validUntil?: number
  readonly payload?: Uint8Array
}

export interface CellPlan {
  readonly payer: AccountName
  readonly nonce: number
  readonly operation: CellOperation
  readonly fee?: number
  readonly validUntil?: number
  readonly payload?: Uint8Array
}

export interface FixtureOptions {
  readonly shards?: number
  readonly validators?: number
  readonly accounts?: number
  readonly balance?: number
  readonly instance?: string
  readonly outboxWindow?: number
}

const FOUNDED = new Map<string, FoundedTestnet>()

/** Founding proves the possession of every key; the same options give the same testnet. */
function foundOnce(options: GenesisOptions): FoundedTestnet {
  const name = JSON.stringify(options)
  const founded = FOUNDED.get(name) ?? createGenesis(options)
  FOUNDED.set(name, founded)
  return founded
}

/** A network with real keys whose chains are made by hand, block by block, and whose logs can be bent before they are written. */
export class FixtureNetwork {
  readonly founded: FoundedTestnet
  readonly networkId: Hash
  readonly table: Uint8Array
  readonly shards: readonly FixtureShard[]
  readonly #seed = 'audit'
  readonly #keys = new Map<string, KeyObject>()

  constructor(options: FixtureOptions = {}) {
    const {
      shards = 2,
      validators = 4,
      accounts = 8,
      balance = 1_000_000,
      instance = 'ab'.repeat(16),
      outboxWindow = 16,
    } = options
    const plan = { seed: this.#seed, shards, perShard: accounts }
    this.table = deriveAccountTable(plan, (seeds) => {
      const keys = Array.from({ length: seeds.length / 32 }, (_, index) =>
        peerKeyOfSeed(seeds.subarray(32 * index, 32 * index + 32)),
      )
      return Buffer.concat(keys)
    })
    this.founded = foundOnce({
      instance,
      seed: this.#seed,
      shards,
      validatorsPerShard: validators,
      protocol: { outboxWindow },
      accounts: {
        perShard: accounts,
        balance: String(balance),
        tableHash: accountTableHashOf(this.table),
      },
      rootSecret: new Secret(new Uint8Array(32).fill(7)),
    })
    const { genesis, keys } = this.founded
    this.networkId = networkIdOf(genesis)
    const committees = committeesOf(genesis)
    this.shards = committees.map((committee, shard) => {
      return new FixtureShard({
        networkId: this.networkId,
        committee,
        shards,
        accounts: accountsOfShard(this.table, accounts, shard),
        balance,
        outboxWindow: genesis.protocol.outboxWindow,
        blsKeys: must(keys[shard], 'keys').map((key) =>
          blst.SecretKey.fromBytes(key.blsSecret.reveal()),
        ),
        peerKeys: must(keys[shard], 'keys').map((key) => signingKeyOf(key.peerSeed.reveal())),
      })
    })
  }

  shard(index: number): FixtureShard {
    return must(this.shards[index], 'a shard of the fixture')
  }

  addressOf({ shard, index }: AccountName): Uint8Array {
    const row = 64 * (shard * this.founded.genesis.accounts.perShard + index)
    return this.table.subarray(row + 32, row + 64)
  }

  /** A signed transfer. */
  transfer(plan: TransferPlan): Uint8Array {
    const payees = plan.payees.map((payee) => ({
      address: this.addressOf(payee),
      amount: payee.amount,
    }))
    return this.#signed(plan.payer, encodeTransfer({ ...this.#headerOf(plan), payees }))
  }

  /** A signed transaction on a cell. */
  cellTransaction(plan: CellPlan): Uint8Array {
    const { payer, operation } = plan
    return this.#signed(payer, encodeCellTransaction({ ...this.#headerOf(plan), operation }))
  }

  /** A cell in the slot of an account. */
  cellBeside(account: AccountName, name: string): Uint8Array {
    const slot = Buffer.from(this.addressOf(account)).readUInt16BE(0)
    return cellKeyOf(slot, Buffer.from(name))
  }

  /** Signs what a test changed, as its payer would. */
  signedAgain(payer: AccountName, transaction: Uint8Array): Uint8Array {
    return this.#signed(payer, transaction.slice())
  }

  #headerOf({ payer, nonce, validUntil, fee, payload }: Omit<CellPlan, 'operation'>) {
    const row = 64 * (payer.shard * this.founded.genesis.accounts.perShard + payer.index)
    return {
      networkId: this.networkId,
      payerSlot: Buffer.from(this.table).readUInt16BE(row + 32),
      payerKey: this.table.subarray(row, row + 32),
      nonce,
      validUntil: validUntil ?? 1000,
      fee: fee ?? 1,
      payload: payload ?? new Uint8Array(0),
    }
  }

  #signed(payer: AccountName, bytes: Uint8Array): Uint8Array {
    const signed = Buffer.concat([bytesOfHash(this.networkId), bytes.subarray(0, -64)])
    bytes.set(sign(null, signed, this.#keyOf(payer)), bytes.length - 64)
    return bytes
  }

  #keyOf({ shard, index }: AccountName): KeyObject {
    const name = `${shard} ${index}`
    const known = this.#keys.get(name) ?? signingKeyOf(accountSeed(this.#seed, shard, index))
    this.#keys.set(name, known)
    return known
  }

  /** Writes genesis, account table and every validator's folder. */
  async write(directory: string, isClosed = true): Promise<WrittenNetwork> {
    await mkdir(directory, { recursive: true })
    const genesisFile = join(directory, 'genesis.json')
    const accountsFile = join(directory, 'accounts.bin')
    await writeFile(genesisFile, formatGenesis(this.founded.genesis))
    await writeFile(accountsFile, this.table)
    const validators: ValidatorFolder[] = []
    const groups = new Map<string, WrittenGroup[]>()
    for (const [shard, { logs }] of this.shards.entries()) {
      for (const [validator, log] of logs.entries()) {
        const dataDirectory = join(directory, `s${shard}v${validator}`)
        const encoded = log.map((group) => group.map(encodeLogRecord))
        groups.set(
          `${shard} ${validator}`,
          await writeLogFolder(dataDirectory, this.networkId, encoded, isClosed),
        )
        validators.push({ shard, validator, dataDirectory })
      }
    }
    return { genesisFile, accountsFile, validators, groups }
  }
}

export interface WrittenNetwork {
  readonly genesisFile: string
  readonly accountsFile: string
  readonly validators: ValidatorFolder[]
  readonly groups: ReadonlyMap<string, readonly WrittenGroup[]>
}
