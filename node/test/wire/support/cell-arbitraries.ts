import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { CellProof } from '../../../src/core/ledger/cell-proof.ts'
import type { BatchEffects } from '../../../src/core/ledger/receipt.ts'
import { joinBytes } from '../../../src/core/primitives/bytes.ts'
import { hashOfBytes } from '../../../src/core/primitives/hash.ts'
import type { SignedCellTransaction } from './cell-codec.ts'

const u32 = fc.nat(0xffff_ffff)
const bytesOf = (length: number): Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const bytesUpTo = (maxLength: number): Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })
const hash = bytesOf(32).map(hashOfBytes)

/** Result codes of `count` transactions, and reads of those among them that ended OK and are gets. */
export const effectsOf = (count: number): Arbitrary<BatchEffects> =>
  fc
    .array(fc.record({ result: fc.nat(7), read: fc.option(bytesUpTo(128)) }), {
      minLength: count,
      maxLength: count,
    })
    .map((outcomes) => ({
      results: Uint8Array.from(outcomes, ({ result }) => result),
      reads: joinBytes(
        outcomes.flatMap(({ result, read }, position) =>
          result !== 0 || read === null
            ? []
            : [Uint8Array.of(0, 0, position >> 8, position & 255, read.length), read],
        ),
      ),
    }))
const cellValue = fc.uint8Array({ minLength: 1, maxLength: 128 })
const cellKey = fc
  .tuple(fc.nat(32_767), bytesOf(30))
  .map(([slot, rest]) => Uint8Array.of(slot >> 8, slot & 0xff, ...rest))
export const cellTransaction: Arbitrary<SignedCellTransaction> = fc.record({
  payerSlot: fc.nat(32_767),
  payerKey: bytesOf(32),
  nonce: fc.nat(2 ** 53 - 65),
  validUntil: u32,
  fee: u32,
  operation: fc.oneof(
    fc.record({ kind: fc.constant('put' as const), cell: cellKey, value: cellValue }),
    fc.record({
      kind: fc.constant('compareAndSet' as const),
      cell: cellKey,
      expected: bytesUpTo(128),
      value: cellValue,
    }),
    fc.record({ kind: fc.constant('get' as const), cell: cellKey }),
  ),
  payload: bytesUpTo(40),
  signature: bytesOf(64),
})

export const cellProof: Arbitrary<CellProof> = fc
  .record({
    key: bytesOf(32),
    found: fc.option(fc.record({ key: bytesOf(32), value: cellValue })),
    branches: fc.array(fc.record({ bit: fc.nat(0xff), sibling: hash }), { maxLength: 3 }),
    accountsRoot: hash,
  })
  .map((each) => (each.found === null ? { ...each, branches: [] } : each))
