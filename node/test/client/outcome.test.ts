import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { agreedOutcome, awaitOutcome } from '../../src/client/outcome.ts'
import { RpcClient, type TransactionReply } from '../../src/client/rpc-client.ts'
import { hashOfBytes, type Hash } from '../../src/core/primitives/hash.ts'
import { resultCode, type ResultCode } from '../../src/core/wire/result-code.ts'
import type { TransactionAnswer } from '../../src/host/rpc/validator-door.ts'
import { FakeDoor, startServer } from '../rpc/fixture.ts'

const ID = 'ab'.repeat(32)
const BLOCK: Hash = hashOfBytes(new Uint8Array(32).fill(4))

type Executed = Extract<TransactionReply, { status: 'executed' }>
const said = (
  result: string,
  read: string | null = null,
  height = 5,
  receipt: string | null = null,
): Executed => ({ status: 'executed', height, blockHash: BLOCK, result, read, receipt })

test('an outcome is believed when enough validators say the same, whatever their receipts', () => {
  const right = [said('OK', '6f6e65'), null, said('OK', '6f6e65', 5, 'aa')]
  assert.deepEqual(agreedOutcome(right, 2), {
    height: 5,
    blockHash: BLOCK,
    result: 'OK',
    read: new TextEncoder().encode('one'),
  })
  assert.equal(agreedOutcome(right, 3), null)
})

test('another result, read, height or block is another outcome', () => {
  const one = said('OK', '01')
  const others = [
    said('OK', '02'),
    said('OK', ''),
    said('OK', null),
    said('CAS_MISMATCH', '01'),
    said('OK', '01', 6),
    { ...said('OK', '01'), blockHash: 'ff' },
  ] as const
  for (const other of others) assert.equal(agreedOutcome([one, other], 2), null)
})

test('what may still change is no outcome', () => {
  for (const result of ['AHEAD', 'UNKNOWN'])
    assert.equal(agreedOutcome([said(result), said(result), said(result)], 2), null)
  assert.equal(agreedOutcome([{ status: 'pending' }, { status: 'pending' }], 1), null)
  assert.equal(agreedOutcome([said('STALE'), said('STALE')], 2)?.result, 'STALE')
})

test('f liars never make up an outcome, and never hide one that f + 1 tell', () => {
  const reply = fc.constantFrom(null, said('OK', '01'), said('OK', '02'), said('CAS_MISMATCH'))
  const f = 2
  const lies = fc.array(reply, { minLength: f, maxLength: f })
  fc.assert(
    fc.property(lies, fc.nat(f + 1), (liars, honest) => {
      const truth = said('OK', '03')
      const replies = [...liars, ...Array.from({ length: honest }, () => truth)]
      const outcome = agreedOutcome(replies, f + 1)
      assert.deepEqual(outcome?.read ?? null, honest === f + 1 ? Uint8Array.of(3) : null)
    }),
  )
})

/** A validator that answers as told, from some moment on. */
class TellingDoor extends FakeDoor {
  answer: { readonly result: ResultCode; readonly read: Uint8Array | null } | null = null
  asked = 0

  override transaction(): Promise<TransactionAnswer | null> {
    this.asked += 1
    const rest = { kind: 'executed', height: 5, blockHash: BLOCK, receipt: null } as const
    return Promise.resolve(this.answer === null ? null : { ...rest, ...this.answer })
  }
}

async function fourValidators() {
  const doors = Array.from({ length: 4 }, () => new TellingDoor())
  const running = await Promise.all(doors.map((door) => startServer({}, { door })))
  const validators = running.map(({ address }) => new RpcClient(address, { timeoutMs: 500 }))
  return { doors, running, validators }
}

const READ = { result: resultCode.ok, read: Uint8Array.of(7) }

test('the waiting ends with the second of four that says so; a silent and a lying one do not matter', async () => {
  const { doors, running, validators } = await fourValidators()
  await running[0]?.server.stop()
  const [, liar, first, second] = doors
  assert.ok(liar && first && second)
  liar.answer = { ...READ, read: Uint8Array.of(8) }
  first.answer = READ
  const { signal } = new AbortController()
  const outcome = awaitOutcome(ID, { validators, signal, pauseMs: 1 })
  while (second.asked === 0) await new Promise((resolve) => setImmediate(resolve))
  second.answer = READ
  assert.deepEqual((await outcome)?.read, Uint8Array.of(7))
})

test('without agreement the caller ends the waiting, and the outcome stays open', async () => {
  const { doors, validators } = await fourValidators()
  const [only] = doors
  assert.ok(only)
  only.answer = READ
  const controller = new AbortController()
  const outcome = awaitOutcome(ID, { validators, signal: controller.signal, pauseMs: 1 })
  while (doors.some(({ asked }) => asked < 3)) await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  assert.equal(await outcome, null)
})
