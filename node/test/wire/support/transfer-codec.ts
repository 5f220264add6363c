import { type Decoded } from '../../../src/core/primitives/byte-reader.ts'
import {
  arenaOf,
  checkForm,
  encodeTransfer,
  networkTagOf,
  type FormRules,
  type TransferFields,
} from '../../../src/core/wire/transaction.ts'
import { networkId } from './fixed-testnet.ts'

/** A transfer with its signature, as its bytes stand for it. */
export interface SignedTransfer extends Omit<TransferFields, 'networkId'> {
  readonly signature: Uint8Array
}

/** The static rules of shard 0 of the vectors' testnet. */
export const formRules: FormRules = {
  networkTag: networkTagOf(networkId),
  slotFirst: 0,
  slotEnd: 32_768,
  payloadBytesMax: 65_536,
}

/** The core reads transactions in place and never makes an object of one, so the object is made here, as the page says. */
export function decodeTransfer(bytes: Uint8Array): Decoded<SignedTransfer> {
  const verdict =
    bytes[1] === 1 || bytes.length < 2
      ? checkForm(arenaOf(bytes), 0, formRules)
      : 'a kind without payees'
  if (typeof verdict === 'string') return { kind: 'malformed', reason: verdict }
  if (verdict !== bytes.length) return { kind: 'malformed', reason: 'bytes left over' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const payeeCount = view.getUint8(60)
  const payloadStart = 64 + 40 * payeeCount
  const payees = Array.from({ length: payeeCount }, (_, index) => {
    const at = 64 + 40 * index
    return { address: bytes.slice(at, at + 32), amount: Number(view.getBigUint64(at + 32)) }
  })
  return {
    kind: 'value',
    value: {
      payerSlot: view.getUint16(2),
      payerKey: bytes.slice(8, 40),
      nonce: Number(view.getBigUint64(40)),
      validUntil: view.getUint32(48),
      fee: view.getUint32(52),
      payees,
      payload: bytes.slice(payloadStart, -64),
      signature: bytes.slice(-64),
    },
  }
}

export function encodeSignedTransfer({ signature, ...fields }: SignedTransfer): Uint8Array {
  const bytes = encodeTransfer({ networkId, ...fields })
  bytes.set(signature, bytes.length - signature.length)
  return bytes
}
