import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { resultLines, resultOfLog } from '../src/pod/door.ts'

test('a result comes out of a log as it went in, whatever else was written there', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(fc.string(), { maxLength: 20 }), (value, noise) => {
      const json = JSON.stringify(value)
      const around = noise.map((text) => `# ${text.replaceAll('\n', ' ')}`)
      const lines = resultLines(json).flatMap((line, index) => [
        ...around.slice(index, index + 1),
        line,
      ])
      assert.equal(resultOfLog([...around, ...lines, ''].join('\n')), json)
    }),
  )
})

test('a log that lost a line holds no result, and neither does one that was cut', () => {
  const noise = Array.from({ length: 30_000 }, (_, index) => Math.sin(index))
  const lines = resultLines(JSON.stringify(noise))
  assert.ok(lines.length > 3)
  assert.equal(resultOfLog(lines.filter((_, index) => index !== 1).join('\n')), null)
  assert.equal(resultOfLog(lines.slice(0, -1).join('\n')), null)
  assert.equal(resultOfLog(''), null)
  assert.ok(lines.every((line) => line.length < 16_384))
})
