import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { generateKeyPairSync } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { domainHash } from '../src/core/primitives/hash.ts'
import type { Committee } from '../src/core/wire/committee.ts'
import { PeerNetwork } from '../src/host/network/peer-network.ts'

/** What moving frames of one size from one process to another costs. */
export interface NetworkRate {
  readonly frameBytes: number
  readonly megabytesPerSecond: number
  readonly framesPerSecond: number
  /** Processor time of both ends. */
  readonly cpuMicrosecondsPerKilobyte: number
}

/** Rates by frame size, and the time of one small frame there and back. */
export interface NetworkRates {
  readonly rates: readonly NetworkRate[]
  readonly roundTripMicroseconds: { readonly p50: number; readonly p99: number }
}

const RECEIVER = { shard: 0, validator: 1 }
const RECEIVER_ARGUMENT = 'network-rates-receiver'
const ROUND_TRIPS = 1000
const MEGABYTE = 1_000_000

interface Setup {
  readonly seeds: readonly string[]
  readonly committees: readonly Committee[]
}

/** Measures between two processes on loopback: authenticated, encrypted, multiplexed, as validators talk. */
export async function measureNetworkRates(megabytes = 100): Promise<NetworkRates> {
  const setup = createSetup()
  const child = fork(fileURLToPath(import.meta.url), [RECEIVER_ARGUMENT])
  child.send(setup)
  const [{ address }] = await answerOf<{ address: string }>(child)
  const network = networkOf(setup, 0, [{ ...RECEIVER, address }])
  let onEcho = (): void => undefined
  network.onFrame(() => onEcho())
  await network.start()
  const echo = (): Promise<void> => {
    const echoed = new Promise<void>((resolve) => (onEcho = resolve))
    network.send(RECEIVER, 'consensus', new Uint8Array(150))
    return echoed
  }
  await echo()
  const rates: NetworkRate[] = []
  for (const frameBytes of [150, 16_384, 262_144]) {
    const bytes = Math.min(megabytes * MEGABYTE, frameBytes * 200_000)
    rates.push(
      await measureRate({ network, child, frameBytes, frames: Math.ceil(bytes / frameBytes) }),
    )
  }
  const roundTrips = await measureRoundTrips(echo)
  child.send('stop')
  await once(child, 'exit')
  await network.stop()
  return { rates, roundTripMicroseconds: roundTrips }
}

async function measureRate(run: {
  network: PeerNetwork
  child: ChildProcess
  frameBytes: number
  frames: number
}): Promise<NetworkRate> {
  const { network, child, frameBytes, frames } = run
  child.send({ frames })
  await answerOf(child)
  const frame = new Uint8Array(frameBytes).fill(7)
  const startedMs = performance.now()
  const startedCpu = process.cpuUsage()
  const received = answerOf<{ cpuMicroseconds: number }>(child)
  for (let sent = 0; sent < frames;) {
    if (network.send(RECEIVER, 'data', frame)) sent++
    else await pause(1)
    if (sent % 64 === 0) await new Promise(setImmediate)
  }
  const [{ cpuMicroseconds }] = await received
  const { user, system } = process.cpuUsage(startedCpu)
  const seconds = (performance.now() - startedMs) / 1000
  const bytes = frames * frameBytes
  return {
    frameBytes,
    megabytesPerSecond: bytes / MEGABYTE / seconds,
    framesPerSecond: frames / seconds,
    cpuMicrosecondsPerKilobyte: (user + system + cpuMicroseconds) / (bytes / 1000),
  }
}

async function measureRoundTrips(echo: () => Promise<void>): Promise<{ p50: number; p99: number }> {
  const times: number[] = []
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const startedMs = performance.now()
    await echo()
    times.push((performance.now() - startedMs) * 1000)
  }
  times.sort((a, b) => a - b)
  return { p50: times[ROUND_TRIPS / 2] ?? 0, p99: times[Math.floor(ROUND_TRIPS * 0.99)] ?? 0 }
}

function answerOf<T>(child: ChildProcess): Promise<[T]> {
  // What our own child process sends is ours.
  return once(child, 'message') as Promise<[T]>
}

function createSetup(): Setup {
  const pairs = [0, 1].map(() => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('hex')
    return {
      seed,
      peerKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    }
  })
  const members = pairs.map(({ peerKey }) => ({ blsKey: '00'.repeat(48), peerKey }))
  return { seeds: pairs.map(({ seed }) => seed), committees: [{ shard: 0, epoch: 0, members }] }
}

function networkOf(
  setup: Setup,
  validator: number,
  addressBook: { shard: number; validator: number; address: string }[],
) {
  return new PeerNetwork({
    self: { shard: 0, validator },
    peerSeed: Buffer.from(setup.seeds[validator] ?? '', 'hex'),
    networkId: domainHash('bench/network', new Uint8Array(0)),
    committees: setup.committees,
    listen: { host: '127.0.0.1', port: 0 },
    addressBook,
  })
}

/** The other process: counts data frames and says what they cost it; echoes consensus frames. */
async function receive(): Promise<void> {
  const [setup] = (await once(process, 'message')) as [Setup]
  const network = networkOf(setup, 1, [])
  let left = 0
  let startedCpu = process.cpuUsage()
  network.onFrame((from, purpose, frame) => {
    if (purpose === 'consensus') {
      network.send(from, 'consensus', frame)
      return
    }
    if (--left > 0) return
    const { user, system } = process.cpuUsage(startedCpu)
    process.send?.({ cpuMicroseconds: user + system })
  })
  await network.start()
  const { host, port } = network.listenAddress
  process.on('message', (message: 'stop' | { frames: number }) => {
    if (message === 'stop') {
      void network.stop().then(() => process.disconnect())
      return
    }
    left = message.frames
    startedCpu = process.cpuUsage()
    process.send?.('ready')
  })
  process.send?.({ address: `${host}:${port}` })
}

if (process.argv[2] === RECEIVER_ARGUMENT) await receive()
else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rates, roundTripMicroseconds } = await measureNetworkRates()
  console.table(rates)
  console.table([roundTripMicroseconds])
}
