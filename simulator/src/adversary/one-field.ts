import { ZERO_HASH, type PeerMessage } from '@shardnet/node/parts'
import type { Random } from '../world/random.ts'

/** A place in a message: keys from the outside in. */
export type FieldKeys = readonly (string | number)[]

type Group = Readonly<Record<string, unknown>>

/**
 * All fields of a message, found in the message itself, so that a new one is among them without a line of code: numbers, hashes, bytes,
 * kinds, what may be absent, and lists as a whole. The kind of the message is none of them: another kind is another message.
 */
export function fieldsOf(message: PeerMessage): readonly FieldKeys[] {
  const found: FieldKeys[] = []
  const walk = (value: unknown, keys: FieldKeys): void => {
    if (Array.isArray(value)) {
      if (value.length === 0) return
      found.push([...keys, '[]'])
      value.forEach((item, index) => walk(item, [...keys, index]))
    } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      if (keys.length > 1) found.push([...keys, '?'])
      for (const [name, item] of Object.entries(value)) walk(item, [...keys, name])
    } else if (value !== null) found.push(keys)
  }
  for (const [name, item] of Object.entries(message)) if (name !== 'kind') walk(item, [name])
  return found
}

/** Name of a field whatever its place in lists: `proposal.skipCertificates[].view`. */
export function fieldName(kind: PeerMessage['kind'], keys: FieldKeys): string {
  const parts = keys.map((key) => (typeof key === 'number' || key === '[]' ? '[]' : `.${key}`))
  return `${kind}${parts.join('')}`
}

/** The message with one field changed; null where chance left the field as it was. */
export function withOneField(
  message: PeerMessage,
  keys: FieldKeys,
  random: Random,
): PeerMessage | null {
  const changed = changeAt(message, keys, random)
  return changed === undefined ? null : (changed as PeerMessage)
}

/** Undefined: nothing is different. */
function changeAt(value: unknown, [key, ...rest]: FieldKeys, random: Random): unknown {
  if (key === undefined) return otherValue(value, random)
  if (key === '?') return null
  if (Array.isArray(value)) {
    if (key === '[]') return otherList(value, random)
    const item = changeAt(value[Number(key)], rest, random)
    return item === undefined ? undefined : value.with(Number(key), item)
  }
  const item = changeAt((value as Group)[key], rest, random)
  return item === undefined ? undefined : { ...(value as Group), [key]: item }
}

function otherList(list: readonly unknown[], random: Random): readonly unknown[] | undefined {
  const [first] = list
  const other = random.pick([list.slice(0, -1), list.slice(1), [...list, first], list.toReversed()])
  return other.length === list.length && list.length === 1 ? undefined : other
}

const KINDS = ['prepare', 'commit', 'skip']
const NIBBLES = '0123456789abcdef'

function otherValue(value: unknown, random: Random): unknown {
  if (typeof value === 'number') {
    const near = [value + 1, value - 1, 0, value + 1 + random.below(8), value * 2]
    const other = random.pick(near)
    return other === value || other < 0 ? value + 1 : other
  }
  if (value instanceof Uint8Array) {
    if (value.length === 0) return undefined
    const bytes = value.slice()
    const at = random.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    return bytes
  }
  if (typeof value !== 'string') return undefined
  if (KINDS.includes(value)) return random.pick(KINDS.filter((kind) => kind !== value))
  if (random.chance(0.2) && value !== ZERO_HASH) return ZERO_HASH
  const at = random.below(value.length)
  const digit = NIBBLES[(NIBBLES.indexOf(value[at] ?? '0') + 1 + random.below(15)) % 16] ?? '0'
  return value.slice(0, at) + digit + value.slice(at + 1)
}
