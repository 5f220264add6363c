import {
  bytesOfHash,
  joinBytes,
  judgeForm,
  type BatchVerdict,
  type Effect,
} from '@shardnet/node/parts'
import type { SimulatedGenesis } from './genesis.ts'
import { isSignedBy } from './transfer-signature.ts'

/** The verdict on a batch: the node's own static check, and the signatures that clients of this world make. */
export function judgeBatch(
  effect: Extract<Effect, { kind: 'checkBatch' }>,
  genesis: SimulatedGenesis,
  shard: number,
): BatchVerdict {
  const rules = genesis.forms[shard]
  if (rules === undefined) throw new RangeError(`no shard ${shard}`)
  const rows = judgeForm(effect, rules)
  if (typeof rows === 'string') return rows
  const { body } = effect
  const prefix = bytesOfHash(genesis.networkId)
  // Four words a row: key, signature, first signed byte, their number; as the signature kernel takes them.
  for (let row = 0; row < rows.length; row += 4) {
    const [key, signature, first, length] = [rows[row], rows[row + 1], rows[row + 2], rows[row + 3]]
    if (key === undefined || signature === undefined || first === undefined || length === undefined)
      throw new RangeError('a row has four words')
    const signed = joinBytes([prefix, body.subarray(first, first + length)])
    const keyText = Buffer.from(body.subarray(key, key + 32)).toString('hex')
    if (!isSignedBy(keyText, signed, body.subarray(signature, signature + 64)))
      return 'badSignature'
  }
  return 'valid'
}
