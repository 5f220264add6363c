import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'

/** Log lines are cut at 16 KiB on their way to the API server. */
const CHUNK_CHARACTERS = 8_000
const RESULT_BYTES_MAX = 64 * 2 ** 20
const PREFIX = 'result '
const END = 'result-end '

/**
 * A result as lines of a pod's log: the one way out of a pod that needs no port, no disk and no right of the pod. Pure.
 */
export function resultLines(json: string): readonly string[] {
  const text = gzipSync(json).toString('base64')
  const chunks = text.match(new RegExp(`.{1,${CHUNK_CHARACTERS}}`, 'g')) ?? []
  return [...chunks.map((chunk) => `${PREFIX}${chunk}`), `${END}${hashOf(text)}`]
}

/** The result in a log; null when it is not there, or not all of it. */
export function resultOfLog(log: string): string | null {
  const lines = log.split('\n')
  const end = lines.find((line) => line.startsWith(END))
  const text = lines
    .filter((line) => line.startsWith(PREFIX))
    .map((line) => line.slice(PREFIX.length).trim())
    .join('')
  if (end === undefined || end.slice(END.length).trim() !== hashOf(text)) return null
  return gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: RESULT_BYTES_MAX }).toString()
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
