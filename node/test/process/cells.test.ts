import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { auditTestnet } from '../../src/audit/door.ts'
import { AccountSigner } from '../../src/client/account-signer.ts'
import { decodeCellProof } from '../../src/client/cell-proof.ts'
import { awaitOutcome, type TransactionOutcome } from '../../src/client/outcome.ts'
import { decodeTransactionProof, verifyTransactionProof } from '../../src/client/proof.ts'
import { RpcCallError, RpcClient } from '../../src/client/rpc-client.ts'
import { accountSeed, accountSlot } from '../../src/config/accounts.ts'
import { committeesOf, networkIdOf } from '../../src/config/genesis.ts'
import { must } from '../../src/core/errors.ts'
import { verifyCellProof } from '../../src/core/ledger/cell-proof.ts'
import { bytesOfHex } from '../../src/core/primitives/bytes.ts'
import { bytesOfHash, type Hash } from '../../src/core/primitives/hash.ts'
import type { CellOperation } from '../../src/core/wire/cell-operation.ts'
import { transactionIdOf } from '../../src/core/wire/transaction.ts'
import { BlsVerifier } from '../../src/host/crypto/bls.ts'
import { ask, ProcessTestnet } from './testnet.ts'

const ACCOUNTS = 20
/** For a test that fails, or a machine that does much else. */
const WAIT_MS = 600_000

let parent = ''
let testnet: ProcessTestnet
let clients: RpcClient[] = []
const nonces = new Map<number, number>()

before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'shardnet-cells-'))
  const size = { shards: 1, validatorsPerShard: 4, accountsPerShard: ACCOUNTS }
  testnet = await ProcessTestnet.create(parent, size)
  clients = testnet.seats.map(({ http }) => new RpcClient(http))
  await testnet.startAll()
})

after(async () => {
  await testnet.end()
  await rm(parent, { recursive: true, force: true })
})

function signerOf(index: number): AccountSigner {
  const seed = accountSeed('test', 0, index)
  return new AccountSigner(networkIdOf(testnet.genesis), seed, accountSlot(0, 1, index))
}

/** Sends an operation of an account to a validator; the id of the transaction. */
async function send(index: number, operation: CellOperation, validator = 0): Promise<Hash> {
  const nonce = nonces.get(index) ?? 0
  nonces.set(index, nonce + 1)
  const terms = { nonce, validUntil: 5_000, fee: 100 }
  const bytes = signerOf(index).cellTransaction(terms, operation)
  const client = must(clients[validator], 'a client')
  // A busy machine may be late with an answer: the same bytes again do no harm.
  for (const signal = AbortSignal.timeout(WAIT_MS); !(await isTaken(client, bytes));)
    signal.throwIfAborted()
  return transactionIdOf(bytesOfHash(networkIdOf(testnet.genesis)), bytes)
}

/** Whether the validator has the transaction, now or from an earlier attempt. */
async function isTaken(client: RpcClient, bytes: Uint8Array): Promise<boolean> {
  try {
    await client.sendTransaction(bytes)
    return true
  } catch (error) {
    if (!(error instanceof RpcCallError)) throw error
    if (error.failure.kind !== 'rpc') return false
    const code: unknown = Reflect.get(Object(error.failure.data), 'code')
    if (code === 'NONCE_TAKEN' || code === 'NONCE_USED') return true
    // Our own nonce is right, so everything else that the door refuses is a mistake of the test.
    assert.notEqual(error.failure.code, -32_001, error.message)
    return false
  }
}

async function outcomeOf(id: string): Promise<TransactionOutcome> {
  const signal = AbortSignal.timeout(WAIT_MS)
  return must(await awaitOutcome(id, { validators: clients, signal }), 'an outcome in time')
}

async function execute(index: number, operation: CellOperation, validator = 0) {
  const { result, read } = await outcomeOf(await send(index, operation, validator))
  return { result, read: read === null ? null : Buffer.from(read).toString() }
}

const cell = () => signerOf(0).ownCell('register')
const [one, two] = [Buffer.from('one'), Buffer.from('two')]

test('what one client wrote another one reads through another validator', async () => {
  const get = { kind: 'get', cell: cell() } as const
  assert.deepEqual(await execute(1, get, 1), { result: 'OK', read: '' })
  const put = { kind: 'put', cell: cell(), value: one } as const
  assert.deepEqual(await execute(0, put), { result: 'OK', read: null })
  assert.deepEqual(await execute(1, get, 2), { result: 'OK', read: 'one' })
})

test('of many that compare with the same value exactly one writes', async () => {
  const racers = Array.from({ length: 8 }, (_, i) => 2 + i)
  const ids = await Promise.all(
    racers.map((index) =>
      send(
        index,
        { kind: 'compareAndSet', cell: cell(), expected: one, value: Buffer.of(index) },
        index % 4,
      ),
    ),
  )
  const results = await Promise.all(ids.map(async (id) => (await outcomeOf(id)).result))
  const winners = racers.filter((_, i) => results[i] === 'OK')
  assert.equal(winners.length, 1, results.join())
  assert.equal(results.filter((result) => result === 'CAS_MISMATCH').length, 7)
  const { read } = await execute(0, { kind: 'get', cell: cell() })
  assert.equal(read, String.fromCharCode(must(winners[0], 'a winner')))
})

test('the value that a get read is proved by its receipt to somebody who knows only the genesis', async () => {
  await execute(0, { kind: 'put', cell: cell(), value: two })
  const id = await send(1, { kind: 'get', cell: cell() }, 3)
  await outcomeOf(id)
  const [committee] = committeesOf(testnet.genesis)
  const verifier = new BlsVerifier()
  const trust = {
    networkId: networkIdOf(testnet.genesis),
    committee: must(committee, 'a committee'),
    verifyAggregate: verifier.verifyAggregate.bind(verifier),
  }
  const text = await untilSome(async () => {
    const reply = await must(clients[2], 'a client').transaction(id)
    return reply?.status === 'executed' ? reply.receipt : null
  })
  const decoded = decodeTransactionProof(bytesOfHex(text))
  assert.ok(decoded.kind === 'value')
  const verdict = verifyTransactionProof(decoded.value, id, trust)
  assert.ok(verdict.kind === 'proved')
  assert.deepEqual([verdict.result, Buffer.from(must(verdict.read, 'a read'))], [0, two])
})

test('a cell is shown with a proof under the state root of a certified header', async () => {
  const seat = testnet.seat(0, 1)
  const verdict = await untilSome(async () => {
    const reply = await must(clients[1], 'a client').cell(cell(), true)
    const proof = decodeCellProof(bytesOfHex(must(reply?.proof, 'a proof')))
    assert.ok(reply !== null && proof.kind === 'value')
    // One validator's state may be behind what the others agreed on.
    if (!two.equals(reply.value)) return null
    const root = await stateRootAt(seat, reply.height)
    return root === null ? null : verifyCellProof(proof.value, root as Hash)
  })
  assert.ok(verdict.kind === 'proved')
  assert.deepEqual(Buffer.from(verdict.value), two)
})

test('cells outlive the kill of all validators, and what each did agrees with an independent replay', async () => {
  await execute(0, { kind: 'put', cell: cell(), value: one })
  await Promise.all(testnet.seats.map((seat) => testnet.kill(seat)))
  await testnet.startAll()
  assert.deepEqual(await execute(1, { kind: 'get', cell: cell() }), { result: 'OK', read: 'one' })
  // An orderly end leaves a checkpoint; the next start reads cells from it.
  await Promise.all(testnet.seats.map((seat) => testnet.stop(seat)))
  await testnet.startAll()
  const swap = { kind: 'compareAndSet', cell: cell(), expected: one, value: two } as const
  assert.deepEqual(await execute(1, swap, 1), { result: 'OK', read: null })
  assert.deepEqual(await execute(0, { kind: 'get', cell: cell() }, 3), {
    result: 'OK',
    read: 'two',
  })
  await Promise.all(testnet.seats.map((seat) => testnet.stop(seat)))
  const { genesisFile, accountsFile, seats } = testnet
  const report = await auditTestnet({ genesisFile, accountsFile, validators: seats })
  assert.deepEqual(report.findings, [])
  assert.ok((report.perShard[0]?.results['CAS_MISMATCH'] ?? 0) >= 7)
})

/** The state root that a committed header shows for an executed height; null when it shows none, or none yet. */
async function stateRootAt(seat: { http: string } & Parameters<typeof ask>[0], height: number) {
  for (let above = height + 1; above <= height + 8; above++) {
    const block: Record<string, unknown> | null = await ask(seat, 'shardnet_getBlock', {
      height: above,
    })
    const executed: unknown = block?.['executed']
    if (typeof executed !== 'object' || executed === null) return null
    if (Reflect.get(executed, 'height') === height) return String(Reflect.get(executed, 'state'))
  }
  return null
}

/** Asks until there is an answer; the bound is for a test that fails. */
async function untilSome<T>(look: () => Promise<T | null>): Promise<T> {
  for (const signal = AbortSignal.timeout(WAIT_MS); ;) {
    const found = await look()
    if (found !== null) return found
    signal.throwIfAborted()
  }
}
