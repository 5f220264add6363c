import { awaitOutcome } from '@shardnet/node/client'
import {
  bytesOfHex,
  CELL_CREATION_FEE,
  CELL_VALUE_BYTES_MAX,
  cellKeyOf,
  hexOf,
  slotRangeOf,
  type CellOperation,
} from '@shardnet/node/core'
import type { TestnetStatus } from '@shardnet/operator/local'
import { InputError } from '../input-error.ts'
import { upNetworkOf } from './load-network.ts'
import {
  accountNamed,
  accountsExpected,
  ANSWER_MS,
  clientOf,
  committeeClients,
  FEE_MAX,
  readyPayer,
  refusalOf,
  wholeOf,
  type AccountName,
} from './sending.ts'

/** What was typed for an operation on a cell. */
interface TypedOperation {
  readonly from: string
  readonly to?: string
  readonly amount?: string
  readonly cell?: string
  readonly value?: string
  readonly expect?: string
  readonly fee?: string
}

/** An operation that can be tried. The cell is a name in the payer's slot, or a whole key. */
export interface CellOrder {
  readonly kind: CellOperation['kind']
  readonly from: AccountName
  readonly cell: { readonly name: string } | { readonly key: Uint8Array }
  readonly expected: Uint8Array
  readonly value: Uint8Array
  readonly fee: number
}

/** What became of an operation. */
export interface CellOutcome {
  readonly id: string
  /** The cell's key as hexadecimal text. */
  readonly cell: string
  /** Result code, why it was refused, or PENDING when f + 1 validators did not agree in time. */
  readonly result: string
  readonly height: number | null
  /** What a get read, as hexadecimal text: empty when there is no such cell, null when nothing was read. */
  readonly read: string | null
}

/** @throws {InputError} with every problem of the flags. */
export function checkOperation(
  status: TestnetStatus,
  kind: CellOperation['kind'],
  typed: TypedOperation,
): CellOrder {
  const problems: string[] = []
  for (const flag of ['to', 'amount'] as const)
    if (typed[flag] !== undefined) problems.push(`--${flag}: expected nothing for ${kind}`)
  const from = accountNamed(status, typed.from)
  if (from === null)
    problems.push(`--from: expected ${accountsExpected(status)}, got ${JSON.stringify(typed.from)}`)
  const feeText = typed.fee ?? String(kind === 'get' ? 1 : CELL_CREATION_FEE)
  const fee = wholeOf(feeText, 0, FEE_MAX)
  if (fee === null)
    problems.push(`--fee: expected a whole number below 2^32, got ${JSON.stringify(feeText)}`)
  const value = valueOf('--value', typed.value, kind !== 'get', problems)
  const expected = valueOf('--expect', typed.expect, kind === 'compareAndSet', problems)

  if (value.length === 0 && kind !== 'get' && typed.value !== undefined)
    problems.push('--value: expected at least one byte; an empty value stands for no cell')
  const cell = from === null ? null : cellOf(status, from, typed.cell, problems)
  if (problems.length > 0 || from === null || fee === null || cell === null)
    throw new InputError(problems)
  return { kind, from, cell, expected, value, fee }
}

const NOTHING = new Uint8Array(0)

/** The bytes of a value flag: UTF-8 text, or hexadecimal digits behind 0x. */
function valueOf(
  flag: string,
  text: string | undefined,
  isNeeded: boolean,
  problems: string[],
): Uint8Array {
  if (!isNeeded || text === undefined) {
    if (isNeeded) problems.push(`${flag}: expected a value, got nothing`)
    if (text !== undefined) problems.push(`${flag}: expected nothing here`)
    return NOTHING
  }
  const isHex = text.startsWith('0x')
  if (isHex && !/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) {
    problems.push(`${flag}: expected hexadecimal digits in pairs behind 0x`)
    return NOTHING
  }
  const bytes = isHex ? bytesOfHex(text.slice(2)) : new Uint8Array(Buffer.from(text))
  if (bytes.length > CELL_VALUE_BYTES_MAX)
    problems.push(
      `${flag}: expected at most ${CELL_VALUE_BYTES_MAX} bytes, got ${bytes.length} bytes`,
    )
  return bytes
}

function cellOf(
  status: TestnetStatus,
  from: AccountName,
  text: string | undefined,
  problems: string[],
): CellOrder['cell'] | null {
  if (text === undefined || text === '') {
    problems.push('--cell: expected a name, or a key of 64 hexadecimal characters')
    return null
  }
  if (!/^[0-9a-fA-F]{64}$/.test(text)) return { name: text }
  const key = bytesOfHex(text)
  const { first, end } = slotRangeOf(from.shard, upNetworkOf(status).network.shards)
  const slot = ((key[0] ?? 0) << 8) | (key[1] ?? 0)
  if (slot >= first && slot < end) return { key }
  problems.push(`--cell: expected a key of the payer's shard (slots ${first} to ${end - 1})`)
  return null
}

/** Signs the operation, sends it to a validator of the payer's shard, and follows it until f + 1 validators agree. */
export async function sendOperation(status: TestnetStatus, order: CellOrder): Promise<CellOutcome> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const client = clientOf(status, order.from.shard)
  const { signer, terms } = await readyPayer(status, order.from, { client, fee: order.fee })
  const key =
    'key' in order.cell ? order.cell.key : cellKeyOf(signer.slot, Buffer.from(order.cell.name))
  const cell = hexOf(key)
  const transaction = signer.cellTransaction(terms, operationOf(order, key))
  try {
    const { id } = await client.sendTransaction(transaction, { signal })
    const validators = committeeClients(status, order.from.shard)
    const outcome = await awaitOutcome(id, { validators, signal })
    if (outcome === null) return { id, cell, result: 'PENDING', height: null, read: null }
    const { result, height, read } = outcome
    return { id, cell, result, height, read: read === null ? null : hexOf(read) }
  } catch (error) {
    const code = refusalOf(error)
    if (code === null) throw error
    return { id: '(refused)', cell, result: code, height: null, read: null }
  }
}

function operationOf({ kind, expected, value }: CellOrder, cell: Uint8Array): CellOperation {
  if (kind === 'get') return { kind, cell }
  return kind === 'put' ? { kind, cell, value } : { kind, cell, expected, value }
}
