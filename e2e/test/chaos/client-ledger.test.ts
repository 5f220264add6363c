import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkLedger,
  type FoundExecution,
  type LedgerEntry,
  type OwnHeight,
} from '../../chaos/client-ledger.ts'

function entry(id: string, fields: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id,
    shard: 0,
    isAcknowledged: true,
    result: 'OK',
    height: 7,
    read: null,
    ...fields,
  }
}

const at = (height: number, result = 'OK', shard = 0): FoundExecution => ({
  shard,
  height,
  result,
  read: null,
})
const whole: readonly OwnHeight[] = [0, 1, 2].map((validator) => ({
  shard: 0,
  validator,
  height: 9,
}))

function check(
  entries: readonly LedgerEntry[],
  found: Readonly<Record<string, readonly FoundExecution[]>>,
  heights = whole,
): readonly string[] {
  return checkLedger(entries, new Map(Object.entries(found)), heights)
}

test('a ledger that the files bear out has no violation', () => {
  const entries = [
    entry('once'),
    entry('copied'),
    entry('failed', { result: 'INSUFFICIENT' }),
    entry('doubtful', { isAcknowledged: false, result: null, height: null }),
    entry('silent', { result: null, height: null }),
  ]
  const found = {
    once: [at(7)],
    copied: [at(5, 'AHEAD'), at(7), at(8, 'STALE')],
    failed: [at(7, 'INSUFFICIENT')],
    silent: [at(9)],
  }
  assert.deepEqual(check(entries, found), [])
})

const broken: Readonly<
  Record<string, readonly [LedgerEntry, readonly FoundExecution[], RegExp, (readonly OwnHeight[])?]>
> = {
  'acknowledged and lost': [
    entry('a', { result: null, height: null }),
    [],
    /acknowledged and is in no chain/,
  ],
  'told as committed and lost': [
    entry('a', { isAcknowledged: false }),
    [],
    /told as OK at height 7 and is in no chain/,
  ],
  'only copies without effect': [
    entry('a', { result: null, height: null }),
    [at(7, 'STALE'), at(8, 'EXPIRED')],
    /in no chain/,
  ],
  'executed twice': [entry('a'), [at(7), at(8)], /executed 2 times, at heights 7, 8/],
  'executed in another shard': [entry('a'), [at(7, 'OK', 1)], /executed in shard 1/],
  'told with another result': [entry('a'), [at(7, 'INSUFFICIENT')], /the files say INSUFFICIENT/],
  'told at another height': [entry('a'), [at(8)], /the files say OK at 8/],
  'told with another read': [
    entry('a', { read: 'aa' }),
    [at(7)],
    /told to have read aa, the files say null/,
  ],
  'not on every honest chain': [
    entry('a'),
    [at(7)],
    /validator 2 of shard 0 holds its chain up to 6/,
    whole.map((each) => (each.validator === 2 ? { ...each, height: 6 } : each)),
  ],
}

for (const [name, [one, found, expected, heights]] of Object.entries(broken)) {
  test(`a violation: ${name}`, () => {
    const violations = check([one], { a: found }, heights)
    // An execution elsewhere also asks that shard's validators for it.
    assert(
      violations.some((line) => expected.test(line)),
      violations.join('\n'),
    )
  })
}

test('a client that nobody answered proves nothing', () => {
  assert.match(check([], {})[0] ?? '', /nothing is proved/)
})
