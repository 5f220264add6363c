import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ByteWriter } from '../../src/core/primitives/byte-writer.ts'

const SIZES = [1, 100, 4_095, 4_096, 4_097, 9_000]

test('writers that begin, write and end in any order, or never end, leave each other alone', () => {
  const act = fc.record({
    writer: fc.nat({ max: 7 }),
    kind: fc.constantFrom('write', 'write', 'write', 'finish', 'abandon'),
    byte: fc.nat({ max: 255 }),
    size: fc.constantFrom(...SIZES),
    capacity: fc.constantFrom(undefined, 1, 4_096, 4_097),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const open = new Map<number, { writer: ByteWriter; written: Uint8Array[] }>()
      const finished: { bytes: Uint8Array; expected: Uint8Array }[] = []
      for (const { writer: at, kind, byte, size, capacity } of acts) {
        const own = open.get(at) ?? { writer: new ByteWriter(capacity), written: [] }
        open.set(at, own)
        if (kind === 'write') {
          const bytes = new Uint8Array(size).fill(byte)
          own.writer.raw(bytes)
          own.written.push(bytes)
          continue
        }
        open.delete(at)
        if (kind === 'abandon') assert.throws(() => own.writer.u8(256))
        else finished.push({ bytes: own.writer.finish(), expected: Buffer.concat(own.written) })
      }
      for (const { bytes, expected } of finished)
        assert.equal(Buffer.compare(bytes, expected), 0, 'what was finished does not change')
    }),
  )
})
