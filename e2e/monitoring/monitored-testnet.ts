import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { prometheusProgram } from './prometheus-programs.ts'
import { PrometheusClient } from './prometheus-client.ts'

const PROJECT_ROOT = join(import.meta.dirname, '..', '..')
const CLI = join(PROJECT_ROOT, 'cli', 'src', 'main.ts')
const LOOK_EVERY_MS = 1_000

/** The part of `shardnet status --json` that tests read. */
export interface SeenValidator {
  readonly shard: number
  readonly validator: number
  readonly pid: number | null
}

/** A testnet with its Prometheus, in a folder of its own; both end with `await using`. */
export class MonitoredTestnet {
  readonly prometheus: PrometheusClient
  readonly #name: string
  readonly #home: string
  readonly #up: ChildProcess

  private constructor(parts: { name: string; home: string; up: ChildProcess; address: string }) {
    this.#name = parts.name
    this.#home = parts.home
    this.#up = parts.up
    this.prometheus = new PrometheusClient(parts.address)
  }

  static async start(name: string, flags: readonly string[]): Promise<MonitoredTestnet> {
    const home = await mkdtemp(join(tmpdir(), 'shardnet-monitored-'))
    const program = await prometheusProgram('prometheus')
    const up = spawn(process.execPath, [CLI, 'up', '--name', name, '--monitor', ...flags], {
      env: { ...process.env, SHARDNET_HOME: home, SHARDNET_PROMETHEUS: program },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const address = await addressIn(up)
    return new MonitoredTestnet({ name, home, up, address })
  }

  /** Runs a load to its end; its exit code says nothing about the monitoring. */
  load(flags: readonly string[]): Promise<void> {
    const out = join(this.#home, 'report')
    return this.#run(['load', '--name', this.#name, '--out', out, ...flags])
  }

  async validators(): Promise<readonly SeenValidator[]> {
    const file = join(this.#home, 'status.json')
    await this.#run(['status', this.#name, '--json', file])
    const status: { validators: readonly SeenValidator[] } = JSON.parse(
      await readFile(file, 'utf8'),
    )
    return status.validators
  }

  /** Waits until an expression has a series. */
  async untilSeries(expression: string, withinMs: number): Promise<void> {
    const until = performance.now() + withinMs
    while ((await this.prometheus.seriesOf(expression)) === 0) {
      if (performance.now() > until) throw new Error(`no data for ${expression}`)
      await delay(LOOK_EVERY_MS)
    }
  }

  /** Waits until an alert fires, or fires no more, for a shard. */
  async untilAlert(
    name: string,
    shard: number,
    isFiring: boolean,
    withinMs: number,
  ): Promise<void> {
    const until = performance.now() + withinMs
    for (;;) {
      const alerts = await this.prometheus.alerts()
      const fires = alerts.some(
        ({ labels, state }) =>
          labels['alertname'] === name && labels['shard'] === String(shard) && state === 'firing',
      )
      if (fires === isFiring) return
      if (performance.now() > until)
        throw new Error(
          `${name} of shard ${shard} ${isFiring ? 'does not fire' : 'does not resolve'}`,
        )
      await delay(LOOK_EVERY_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#up.once('exit', () => resolve())
    if (this.#up.exitCode === null && this.#up.kill('SIGINT')) await promise
    await rm(this.#home, { recursive: true, force: true })
  }

  async #run(words: readonly string[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const child = spawn(process.execPath, [CLI, ...words], {
      env: { ...process.env, SHARDNET_HOME: this.#home },
      stdio: 'ignore',
    })
    child.once('error', reject)
    child.once('exit', () => resolve())
    await promise
  }
}

/** The line that `up --monitor` prints when all of it runs. */
function addressIn(up: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  const read = (part: Buffer): void => {
    text += part.toString('utf8')
    const address = /Prometheus (http:\/\/[\d.:]+)\/query/.exec(text)?.[1]
    if (address !== undefined) resolve(address)
  }
  up.stdout?.on('data', read)
  up.stderr?.on('data', read)
  up.once('exit', (code) => reject(new Error(`up ended with code ${code}:\n${text}`)))
  return promise
}
