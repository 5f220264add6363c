import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { kernelName, SignatureKernel } from '../src/host/signatures/kernel.ts'
import { ROW_WORDS } from '../src/host/signatures/signature-job.ts'
import type { SignatureJob } from '../src/host/signatures/signature-job.ts'

/** Checks per CPU-second of one batch size: with every key seen for the first time, and with every key seen before. */
export type BatchRate = {
  readonly rows: number
  readonly freshKeysPerSecond: number
  readonly knownKeysPerSecond: number
}

/** What one core checks; all rates are per second of CPU time (user and system) of this process. */
export type SignatureRates = {
  readonly kernel: typeof kernelName
  /** 1,024 rows of as many senders, none of them in the kernel's cache of keys. */
  readonly kernelPerSecondPerCore: number
  readonly nodeCryptoSinglePerSecond: number
  readonly batches: readonly BatchRate[]
}

const MEASURED_ROWS = 1_024
const BATCH_SIZES = [1, 16, 64, 256, MEASURED_ROWS, 4_096] as const
/** Two and a half times what the cache holds: a sender is forgotten before his turn comes again, 97 in 100 times. */
const SENDERS = 40_960
const PREFIX = new Uint8Array(32).fill(7)
const MESSAGE_BYTES = 80
const ROW_BYTES = 32 + 64 + MESSAGE_BYTES
/** The head of a PKCS #8 document with an ed25519 seed, and of a public key's (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')
const WARM_UP_ROUNDS = 5
const ROUNDS = 5

/** Measures for about `secondsEach` of CPU per figure, the median of five rounds after warm-up. */
export function measureSignatureRates(secondsEach = 0.5): SignatureRates {
  const signed = signRows()
  const kernel = SignatureKernel.load()
  const batches = BATCH_SIZES.map((rows) => ({
    rows,
    freshKeysPerSecond: rateOf(secondsEach, rows, freshCheck(kernel, signed, rows)),
    knownKeysPerSecond: rateOf(secondsEach, rows, () => mustAccept(kernel, jobOf(signed, rows))),
  }))
  const measured = batches.find(({ rows }) => rows === MEASURED_ROWS)
  return {
    kernel: kernelName,
    kernelPerSecondPerCore: measured?.freshKeysPerSecond ?? 0,
    nodeCryptoSinglePerSecond: nodeCryptoRate(signed, secondsEach),
    batches,
  }
}

/** Goes round and round through many more senders than the kernel remembers. */
function freshCheck(kernel: SignatureKernel, signed: Uint8Array, rows: number): () => void {
  let first = 0
  return () => {
    mustAccept(kernel, jobOf(signed, rows, first))
    first = (first + rows) % (SENDERS - rows)
  }
}

/** Messages of a transfer's length by distinct senders: key, signature, message, laid end to end. */
function signRows(): Uint8Array {
  const rows = SENDERS
  const seeds = new Uint8Array(32 * rows)
  const view = new DataView(seeds.buffer)
  for (let n = 0; n < rows; n++) view.setUint32(32 * n, n)
  const keys = SignatureKernel.load().derivePublicKeys(seeds)
  const signed = new Uint8Array(new SharedArrayBuffer(ROW_BYTES * rows))
  for (let n = 0; n < rows; n++) {
    const row = signed.subarray(n * ROW_BYTES, (n + 1) * ROW_BYTES)
    row.set(keys.subarray(32 * n, 32 * n + 32))
    row.fill(n, 96)
    const pkcs8 = Buffer.concat([PKCS8_HEAD, seeds.subarray(32 * n, 32 * n + 32)])
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    row.set(sign(null, Buffer.concat([PREFIX, row.subarray(96)]), key), 32)
  }
  return signed
}

function jobOf(signed: Uint8Array, count: number, first = 0): SignatureJob {
  const rows = new Uint32Array(count * ROW_WORDS)
  for (let n = 0; n < count; n++) {
    const at = n * ROW_BYTES
    rows.set([at, at + 32, at + 96, MESSAGE_BYTES], n * ROW_WORDS)
  }
  const bytes = signed.subarray(first * ROW_BYTES, (first + count) * ROW_BYTES)
  return { prefix: PREFIX, bytes, rows }
}

function mustAccept(kernel: SignatureKernel, job: SignatureJob): void {
  if (kernel.verifyRows(job).includes(0)) throw new Error('the kernel refused an honest signature')
}

function nodeCryptoRate(signed: Uint8Array, secondsEach: number): number {
  const checks = Array.from({ length: 256 }, (_, n) => {
    const row = signed.subarray(n * ROW_BYTES, (n + 1) * ROW_BYTES)
    const spki = Buffer.concat([SPKI_HEAD, row.subarray(0, 32)])
    const key: KeyObject = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const message = Buffer.concat([PREFIX, row.subarray(96)])
    return { key, message, signature: new Uint8Array(row.subarray(32, 96)) }
  })
  return rateOf(secondsEach, checks.length, () => {
    for (const { key, message, signature } of checks) {
      if (!verify(null, message, key, signature)) throw new Error('node:crypto refused a signature')
    }
  })
}

function rateOf(secondsEach: number, rowsEach: number, check: () => void): number {
  const rounds = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, () => {
    let seconds = 0
    let checked = 0
    while (seconds < secondsEach / ROUNDS) {
      const checks = Math.ceil(MEASURED_ROWS / rowsEach)
      seconds += cpuSeconds(() => {
        for (let done = 0; done < checks; done++) check()
      })
      checked += checks * rowsEach
    }
    return checked / seconds
  })
  return median(rounds.slice(WARM_UP_ROUNDS))
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[sorted.length >> 1] ?? 0)
}
