import { digest } from '@chainsafe/as-sha256'
import { asciiBytes } from '../primitives/bytes.ts'
import { HASH_BYTES } from '../primitives/hash.ts'
import { OUTBOX_MESSAGE_BYTES } from '../wire/outbox-message.ts'

const DOMAIN = asciiBytes('shardnet/message/v1')

/** Packed leaf hashes of packed messages: domainHash('shardnet/message/v1', message) each, without the detour over text. */
export function messageLeavesOf(messages: Uint8Array): Uint8Array {
  const count = messages.length / OUTBOX_MESSAGE_BYTES
  const leaves = new Uint8Array(count * HASH_BYTES)
  const start = 1 + DOMAIN.length
  const preimage = new Uint8Array(start + OUTBOX_MESSAGE_BYTES)
  preimage[0] = DOMAIN.length
  preimage.set(DOMAIN, 1)
  for (let i = 0; i < count; i++) {
    preimage.set(messages.subarray(i * OUTBOX_MESSAGE_BYTES, (i + 1) * OUTBOX_MESSAGE_BYTES), start)
    leaves.set(digest(preimage), i * HASH_BYTES)
  }
  return leaves
}
