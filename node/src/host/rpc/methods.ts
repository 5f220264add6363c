import { z } from 'zod'
import { problemsOf } from '../../config/problems.ts'
import { refusalNameOf, type RefusalCode } from '../../client/refusal-code.ts'
import { bytesOfHex, hexOf } from '../../core/primitives/bytes.ts'
import { bytesOfHash, hashOfBytes, type Hash } from '../../core/primitives/hash.ts'
import {
  arenaOf,
  SIGNATURE_BYTES,
  TAG_BYTES,
  TRANSACTION_BYTES_MAX,
  transactionIdOf,
  transactionLengthAt,
} from '../../core/wire/transaction.ts'
import type { Json } from './json.ts'
import { rpcErrorCode, type RpcDispatch, type RpcResult } from './json-rpc.ts'
import { accountView, blockView, cellView, certificateView, transactionView } from './json-view.ts'
import type { RpcMeter } from './rpc-meter.ts'
import type { ValidatorDoor } from './validator-door.ts'

/** What the methods need. */
export interface MethodContext {
  readonly door: ValidatorDoor
  readonly meter: RpcMeter
  readonly acknowledgeTimeoutMs: number
}

type Method = (raw: unknown, context: MethodContext) => Promise<RpcResult>

/** A method whose parameters are checked in full, all problems at once, before the door hears of them. */
function method<S extends z.ZodType>(
  schema: S,
  call: (params: z.infer<S>, context: MethodContext) => Promise<RpcResult>,
): Method {
  return async (raw, context) => {
    const params = schema.safeParse(raw)
    if (params.success) return call(params.data, context)
    const problems = problemsOf(params.error, raw).map((problem) => ({ ...problem }))
    return fault(rpcErrorCode.invalidParams, 'the parameters are not as expected', { problems })
  }
}

const Height = z.strictObject({ height: z.int().min(0) })
const hex = (bytes: number): z.ZodString =>
  z
    .string()
    .regex(
      new RegExp(`^(?:0x)?[0-9a-fA-F]{${2 * bytes}}$`),
      `expected ${bytes} bytes as hexadecimal text`,
    )
const TransactionHex = z
  .string()
  .max(2 * TRANSACTION_BYTES_MAX + 2)
  .regex(/^(?:0x)?(?:[0-9a-fA-F]{2})+$/, 'expected hexadecimal text of even length')
const Nothing = z.strictObject({})

const METHODS = new Map<string, Method>([
  ['shardnet_status', method(Nothing, async (_params, context) => ok(statusOf(context.door)))],
  ['shardnet_getNetwork', method(Nothing, async (_params, { door }) => ok(networkOf(door)))],
  [
    'shardnet_getPeers',
    method(Nothing, async (_params, { door }) => ok(door.peers().map((peer) => ({ ...peer })))),
  ],
  [
    'shardnet_getAccount',
    method(
      z.strictObject({ address: hex(32), proof: z.boolean().optional() }),
      async (params, { door }) => {
        const account = await door.account(bytesOfText(params.address), params.proof ?? false)
        return ok(account === null ? null : accountView(account))
      },
    ),
  ],
  [
    'shardnet_getCell',
    method(
      z.strictObject({ key: hex(32), proof: z.boolean().optional() }),
      async (params, { door }) => {
        const cell = await door.cell(bytesOfText(params.key), params.proof ?? false)
        return ok(cell === null ? null : cellView(cell))
      },
    ),
  ],
  [
    'shardnet_getTransaction',
    method(z.strictObject({ id: hex(32) }), async ({ id }, { door }) => {
      const answer = await door.transaction(hashOfText(id))
      return ok(answer === null ? null : transactionView(answer))
    }),
  ],
  [
    'shardnet_getBlock',
    method(Height, async ({ height }, { door }) => {
      const block = await door.block(height)
      return ok(block === null ? null : blockView(block))
    }),
  ],
  [
    'shardnet_getCertificate',
    method(Height, async ({ height }, { door }) => {
      const certificate = await door.certificate(height)
      return ok(certificate === null ? null : certificateView(certificate))
    }),
  ],
  [
    'shardnet_sendTransaction',
    method(z.strictObject({ transaction: TransactionHex }), ({ transaction }, context) =>
      sendTransaction(bytesOfText(transaction), context),
    ),
  ],
])

/** Calls of the JSON-RPC methods. */
export function createDispatch(context: MethodContext): RpcDispatch {
  return async (name, params) => {
    const found = METHODS.get(name)
    if (found === undefined)
      return fault(rpcErrorCode.methodNotFound, `no method ${JSON.stringify(name)}`)
    return found(params ?? {}, context)
  }
}

function statusOf(door: ValidatorDoor): Json {
  return { ...door.identity, ...door.status() }
}

function networkOf(door: ValidatorDoor): Json {
  const { networkId, shards, validatorsPerShard } = door.identity
  return { networkId, shards, validatorsPerShard, parameters: door.networkParameters() }
}

/** Waits until the one transaction is durable here or refused. */
function sendTransaction(bytes: Uint8Array, context: MethodContext): Promise<RpcResult> {
  if (transactionLengthAt(arenaOf(bytes), 0) !== bytes.length)
    return Promise.resolve(refused('MALFORMED'))
  const networkId = bytesOfHash(context.door.identity.networkId)
  const id = transactionIdOf(networkId, bytes)
  const tag = hexOf(bytes.subarray(-SIGNATURE_BYTES).subarray(0, TAG_BYTES))
  const { door, meter } = context
  meter.submitted(1)
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(fault(rpcErrorCode.notAcknowledged, 'taken, but not durable in time', { id, tag }))
    }, context.acknowledgeTimeoutMs)
    timer.unref()
    const settle = (result: RpcResult): void => {
      clearTimeout(timer)
      resolve(result)
    }
    const listener = {
      onRefused: (_reference: number, code: RefusalCode) => {
        const name = refusalNameOf(code) ?? 'MALFORMED'
        meter.refused(name)
        settle(refused(name))
      },
      onAcknowledged: () => {
        meter.acknowledged(1)
        settle(ok({ id, tag }))
      },
    }
    const answer = door.submit({ bytes, count: 1, firstReference: 0, listener })
    if (answer.kind === 'full') {
      meter.busy(1)
      settle(
        fault(rpcErrorCode.busy, 'the queue is full', {
          code: 'BUSY',
          retryAfterMs: answer.retryAfterMs,
        }),
      )
    }
  })
}

function refused(code: string): RpcResult {
  return fault(rpcErrorCode.refused, `the transaction was refused: ${code}`, { code })
}

function ok(value: Json): RpcResult {
  return { kind: 'ok', value }
}

function fault(
  code: Extract<RpcResult, { kind: 'error' }>['code'],
  message: string,
  data?: Json,
): RpcResult {
  return data === undefined
    ? { kind: 'error', code, message }
    : { kind: 'error', code, message, data }
}

function bytesOfText(text: string): Uint8Array {
  return bytesOfHex(text.startsWith('0x') ? text.slice(2) : text)
}

function hashOfText(text: string): Hash {
  return hashOfBytes(bytesOfText(text))
}
