import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestnetStatus } from '@shardnet/operator/local'
import { flagProblem, InputError } from '../input-error.ts'
import { PROJECT_ROOT } from '../place.ts'
import {
  defaultMonitorPace,
  monitorFolderOf,
  prometheusConfig,
  validatorTargets,
} from './monitor-files.ts'

const RULES = join(PROJECT_ROOT, 'charts', 'shardnet-monitoring', 'generated')
const LOOK_EVERY_MS = 200
const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 10_000

/** A Prometheus beside a local testnet. It ends with it. */
export interface Monitor {
  /** `http://host:port` */
  readonly address: string
  stop(): Promise<void>
}

/**
 * Path of the machine's Prometheus.
 * @throws {InputError} when there is none: it is not installed for anybody.
 */
export function findPrometheus(): string {
  const named = process.env['SHARDNET_PROMETHEUS']
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'prometheus'))
    .find((path) => existsSync(path))
  const program = named ?? found
  if (program !== undefined) return program
  throw new InputError([
    flagProblem('--monitor', 'a prometheus on the PATH (https://prometheus.io/download)', 'none'),
  ])
}

/** Starts Prometheus on the testnet's validators, with the rules and alerts of this clone, and waits until it answers. */
export async function startMonitor(
  program: string,
  status: TestnetStatus,
  signal: AbortSignal,
  pace = defaultMonitorPace,
): Promise<Monitor> {
  const folder = monitorFolderOf(status)
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'targets'), { recursive: true })
  await writeFile(join(folder, 'prometheus.yml'), prometheusConfig(RULES, pace))
  await writeFile(join(folder, 'targets', 'validators.json'), validatorTargets(status))
  const address = `127.0.0.1:${await freePort()}`
  const log = await open(join(folder, 'prometheus.log'), 'w')
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: ['ignore', log.fd, log.fd] },
  )
  await log.close()
  const monitor = { address: `http://${address}`, stop: () => stop(child, folder) }
  try {
    await waitUntilReady(child, monitor.address, signal)
    return monitor
  } catch (error) {
    await monitor.stop()
    throw error
  }
}

async function waitUntilReady(
  child: ChildProcess,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  child.once('error', failure.reject)
  child.once('exit', (code) =>
    failure.reject(
      new InputError([
        `Prometheus ended with code ${code}: see monitor/prometheus.log of the testnet`,
      ]),
    ),
  )
  const until = performance.now() + READY_WITHIN_MS
  while (!(await Promise.race([isReady(address), failure.promise]))) {
    if (performance.now() > until)
      throw new InputError([`Prometheus does not answer on ${address}`])
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}

async function isReady(address: string): Promise<boolean> {
  try {
    return (await fetch(`${address}/-/ready`)).ok
  } catch {
    // It does not listen yet.
    return false
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const { promise, resolve } = Promise.withResolvers<void>()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await promise
    clearTimeout(timer)
  }
  // Where this folder is, a load generator tells Prometheus of itself.
  await rm(join(folder, 'targets'), { recursive: true, force: true })
}

/** A port that was free a moment ago: Prometheus takes no port 0. */
async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ host: '127.0.0.1', port: 0 }, resolve)
  await promise
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}
