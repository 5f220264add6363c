import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { E2eError } from '../cluster/e2e-error.ts'
import { prometheusProgram } from './prometheus-programs.ts'
import { PrometheusClient } from './prometheus-client.ts'
import { WatchingPrometheus } from './watching-prometheus.ts'

const PROJECT_ROOT = join(import.meta.dirname, '..', '..')
const LAST_WORDS_CHARACTERS = 2_000
const CLI = join(PROJECT_ROOT, 'cli', 'src', 'main.ts')

/** The part of `shardnet status --json` that tests read. */
export interface SeenValidator {
  readonly shard: number
  readonly validator: number
  readonly state: string
  readonly pid: number | null
  readonly httpAddress: string
  readonly dataDirectory: string
}

interface SeenTestnet {
  readonly folder: string
  readonly validators: readonly SeenValidator[]
}

/** A command of the command line that runs beside the test. */
export class RunningCommand {
  readonly #child: ChildProcess
  readonly #ended: Promise<string>
  #said = ''

  constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-LAST_WORDS_CHARACTERS)
    })
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    child.once('error', reject)
    child.once('close', (code, by) => resolve(by ?? String(code)))
    this.#ended = promise
    // Whoever waits for the end hears of a failure to start.
    promise.catch(() => undefined)
  }

  /** Waits for something that comes only while the command runs. */
  during<T>(work: Promise<T>): Promise<T> {
    const early = this.#ended.then((how) => {
      throw new E2eError(
        `${this.#child.spawnargs.slice(2).join(' ')} ended (${how}):\n${this.#said}`,
      )
    })
    return Promise.race([work, early])
  }

  /** @throws {E2eError} with its last words when it failed. */
  async mustSucceed(): Promise<void> {
    const how = await this.#ended
    if (how !== '0')
      throw new E2eError(
        `${this.#child.spawnargs.slice(2).join(' ')} ended (${how}):\n${this.#said}`,
      )
  }

  /** Ctrl-C, and whatever it still has to put in order. */
  async interrupt(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGINT')
    await this.#ended
  }
}

/**
 * A testnet in a folder of its own with the Prometheus that `up --monitor` gives to people, and a second one with the rules at the
 * short pace.
 */
export class MonitoredTestnet {
  /** At the short pace. */
  readonly prometheus: PrometheusClient
  /** What people get who ask for `--monitor`. */
  readonly ofPeople: PrometheusClient
  readonly #name: string
  readonly #home: string
  readonly #up: RunningCommand
  readonly #watching: WatchingPrometheus
  readonly #loads: RunningCommand[] = []

  private constructor(parts: {
    name: string
    home: string
    up: RunningCommand
    address: string
    watching: WatchingPrometheus
  }) {
    this.#name = parts.name
    this.#home = parts.home
    this.#up = parts.up
    this.#watching = parts.watching
    this.ofPeople = new PrometheusClient(parts.address)
    this.prometheus = parts.watching.client
  }

  /** @param givenRules series that nobody measures, as the chart gives them. */
  static async start(
    name: string,
    flags: readonly string[],
    givenRules: string,
  ): Promise<MonitoredTestnet> {
    const home = await mkdtemp(join(tmpdir(), 'shardnet-monitored-'))
    const program = await prometheusProgram('prometheus')
    const child = spawn(process.execPath, [CLI, 'up', '--name', name, '--monitor', ...flags], {
      env: { ...process.env, SHARDNET_HOME: home, SHARDNET_PROMETHEUS: program },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const up = new RunningCommand(child)
    try {
      const address = await addressIn(child)
      const { folder } = await statusOf(home, name)
      const watching = await WatchingPrometheus.start({
        folder: join(home, 'watching'),
        // Where `up --monitor` and `load` say who is to be looked at.
        targets: {
          'shardnet-validator': join(folder, 'monitor', 'targets', 'validators.json'),
          'shardnet-load': join(folder, 'monitor', 'targets', 'load.json'),
        },
        givenRules,
      })
      return new MonitoredTestnet({ name, home, up, address, watching })
    } catch (error) {
      await up.interrupt()
      throw error
    }
  }

  /** Runs a load beside the test; its exit code says nothing about the monitoring. */
  load(...flags: readonly string[]): RunningCommand {
    const out = join(this.#home, `report-${this.#loads.length}`)
    const load = start(this.#home, ['load', '--name', this.#name, '--out', out, ...flags])
    this.#loads.push(load)
    return load
  }

  /** `shardnet fault …`, put in when it resolves. */
  async fault(...words: readonly string[]): Promise<void> {
    await start(this.#home, ['fault', ...words, '--name', this.#name]).mustSucceed()
  }

  async validator(shard: number, validator: number): Promise<SeenValidator> {
    const { validators } = await statusOf(this.#home, this.#name)
    const found = validators.find((seen) => seen.shard === shard && seen.validator === validator)
    if (found === undefined) throw new E2eError(`there is no validator ${shard}/${validator}`)
    return found
  }

  /** Ends loads and faults. */
  async quiet(): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.interrupt()))
    await this.fault('clear')
  }

  /** Ends all of it; its files stay. */
  async stop(): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.interrupt()))
    await this.#watching.stop()
    await this.#up.interrupt()
  }

  /** Its files, once it is stopped. */
  async remove(): Promise<void> {
    await rm(this.#home, { recursive: true, force: true })
  }
}

function start(home: string, words: readonly string[]): RunningCommand {
  const env = { ...process.env, SHARDNET_HOME: home }
  const stdio: StdioOptions = ['ignore', 'ignore', 'pipe']
  return new RunningCommand(spawn(process.execPath, [CLI, ...words], { env, stdio }))
}

async function statusOf(home: string, name: string): Promise<SeenTestnet> {
  const file = join(home, 'status.json')
  await start(home, ['status', name, '--json', file]).mustSucceed()
  return JSON.parse(await readFile(file, 'utf8'))
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
  up.once('exit', (code) => reject(new E2eError(`up ended with code ${code}:\n${text}`)))
  return promise
}
