import {
  endProcesses,
  identityOf,
  isRunning,
  type ProcessIdentity,
  signal,
} from '@shardnet/operator/process-identity'
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { E2eError } from '../e2e-error.ts'

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Name of the network namespace it lives in; default: ours. */
  readonly networkNamespace?: string
}

interface Started {
  readonly identity: ProcessIdentity
  end: string | null
}

const GRACE_MS = 2_000
const THROWN_AWAY_MS = 500
const LAST_WORDS_CHARACTERS = 2_000

/**
 * The programs of one cluster. Each has a log, and a file with its identity, by which a later run finds and ends what a
 * killed run left.
 */
export class Processes {
  readonly folder: string
  readonly #started = new Map<string, Started>()

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(join(folder, 'processes'), { recursive: true })
    mkdirSync(join(folder, 'logs'), { recursive: true })
  }

  /** Starts a program under a name that is free in this cluster. */
  start(name: string, command: readonly string[], options: StartOptions = {}): ProcessIdentity {
    const inside = options.networkNamespace
    // `ip netns exec` would mount another /sys and hide the cgroups; nsenter changes the network alone.
    const prefix = inside === undefined ? [] : ['nsenter', `--net=/run/netns/${inside}`]
    const [program = '', ...words] = [...prefix, ...command]
    const log = openSync(this.logOf(name), 'a')
    try {
      const child = spawn(program, words, {
        stdio: ['ignore', log, log],
        env: options.env ?? process.env,
        cwd: this.folder,
      })
      const { pid } = child
      if (pid === undefined) throw new E2eError(`${program} cannot be started.`)
      const identity = identityOf(pid) ?? { pid, startTime: 'ended' }
      const started: Started = { identity, end: null }
      this.#started.set(name, started)
      writeFileSync(this.#fileOf(name), JSON.stringify(identity))
      child.once('exit', (code, by) => (started.end = by ?? `exit code ${code}`))
      return identity
    } finally {
      closeSync(log)
    }
  }

  /** @throws {E2eError} with its last words when that program has ended. */
  async mustRun(name: string): Promise<void> {
    const started = this.#started.get(name)
    if (started !== undefined && started.end === null && isRunning(started.identity)) return
    const words = (await readFile(this.logOf(name), 'utf8')).slice(-LAST_WORDS_CHARACTERS)
    throw new E2eError(`${name} ended (${started?.end ?? 'never started'}):\n${words}`)
  }

  /** @returns false when it is gone already. */
  signal(name: string, which: NodeJS.Signals): boolean {
    const started = this.#started.get(name)
    return started !== undefined && signal(started.identity, which)
  }

  /** Ends one program, in order first. */
  async stop(name: string, graceMs = GRACE_MS): Promise<void> {
    const started = this.#started.get(name)
    if (started !== undefined) await endProcesses([started.identity], graceMs)
    this.#started.delete(name)
    rmSync(this.#fileOf(name), { force: true })
  }

  /** Ends all of them at once: what they would put in order is thrown away with the cluster. */
  async stopAll(): Promise<void> {
    const started = [...this.#started.values()].map(({ identity }) => identity)
    await endProcesses(started, THROWN_AWAY_MS)
    this.#started.clear()
  }

  identityOf(name: string): ProcessIdentity | null {
    return this.#started.get(name)?.identity ?? null
  }

  logOf(name: string): string {
    return join(this.folder, 'logs', `${name}.log`)
  }

  #fileOf(name: string): string {
    return join(this.folder, 'processes', `${name}.json`)
  }
}
