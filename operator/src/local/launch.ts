import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Testnet } from '../api/testnet.ts'
import { problemsOfChange } from '../plan/change.ts'
import { claimFolder, passClaim, releaseClaim } from './claim.ts'
import { askSupervisor } from './control.ts'
import { LocalError } from './local-error.ts'
import type { LocalPlace } from './local-place.ts'
import { problemText } from './problem-text.ts'
import { identityOf, isRunning, type ProcessIdentity, waitForEnd } from './process-identity.ts'
import { killTestnet } from './take-down.ts'
import { type TestnetFolder, testnetFolder } from './testnet-folder.ts'
import { loadState, newState, saveState, type TestnetState } from './testnet-state.ts'
import type { TestnetStatus } from './testnet-status.ts'

/** How a testnet is launched. */
export interface LaunchOptions {
  readonly document: Testnet
  /** For one run: an earlier one of that name is thrown away, and later runs may throw this one away. */
  readonly isEphemeral: boolean
  /** First port to use, or null for free ones. */
  readonly portsFrom: number | null
}

const SUPERVISOR = fileURLToPath(new URL('main.ts', import.meta.url))
const END_TIMEOUT_MS = 30_000
const LOOK_EVERY_MS = 40
/** So many deaths of a validator that never came up are no accident. */
const DEATHS_AT_LAUNCH_MAX = 3

const Failure = z.strictObject({ kind: z.literal('failed'), message: z.string() })

/**
 * Starts the supervisor of a testnet, new or known, and returns at once.
 * @throws {LocalError} when the name is taken, or the document does not fit the data that is there.
 */
export function launchTestnet(place: LocalPlace, options: LaunchOptions): LaunchedTestnet {
  const folder = testnetFolder(place.home, options.document.metadata.name)
  const holder = claimFolder(folder.root)
  if (holder !== null) {
    throw new LocalError(
      'alreadyRunning',
      `Testnet ${folder.name} is running already (process ${holder.pid}).`,
    )
  }
  try {
    saveState(folder.stateFile, preparedState(folder, options))
    return startSupervisor(place, folder)
  } catch (error) {
    releaseClaim(folder.root)
    throw error
  }
}

function preparedState(folder: TestnetFolder, options: LaunchOptions): TestnetState {
  const { document, isEphemeral, portsFrom } = options
  const known = loadState(folder.stateFile)
  if (known === null) return newState(document, isEphemeral, portsFrom)
  if (isEphemeral) {
    if (!known.isEphemeral) {
      const message = `Testnet ${folder.name} keeps its data for \`shardnet up\`: put load on it with \`shardnet up\` and \`shardnet load\`, or take another name.`
      throw new LocalError('alreadyRunning', message)
    }
    for (const generation of known.generations)
      removeGeneration(folder, generation.network.generation)
    rmSync(folder.logs, { recursive: true, force: true })
    return newState(document, isEphemeral, portsFrom)
  }
  const problems = problemsOfChange(known.document, document)
  if (problems.length > 0) throw new LocalError('unsupported', problems.map(problemText).join('\n'))
  // Its life begins anew: a ttl counts from here.
  return { ...known, document, isEphemeral: false, createdAtMs: Date.now() }
}

function removeGeneration(folder: TestnetFolder, generation: number): void {
  rmSync(`${folder.root}/generation-${generation}`, { recursive: true, force: true })
}

function startSupervisor(place: LocalPlace, folder: TestnetFolder): LaunchedTestnet {
  mkdirSync(folder.logs, { recursive: true })
  const log = openSync(folder.supervisorLog, 'a')
  const words = [SUPERVISOR, place.home, folder.name, place.cacheFolder, place.program]
  try {
    // In a session of its own: Ctrl-C on our terminal is for us, who end it in good order.
    const child = spawn(process.execPath, words, {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    })
    const identity = child.pid === undefined ? null : identityOf(child.pid)
    if (identity === null) throw new LocalError('launchFailed', 'The supervisor cannot be started.')
    passClaim(folder.root, identity)
    return new LaunchedTestnet(folder, child, identity)
  } finally {
    closeSync(log)
  }
}

/** A testnet whose supervisor this process started. It ends when this process dies, unless it was detached. */
export class LaunchedTestnet {
  readonly name: string
  readonly folder: TestnetFolder
  readonly supervisor: ProcessIdentity
  readonly #child: ChildProcess
  #failure: string | null = null

  constructor(folder: TestnetFolder, child: ChildProcess, supervisor: ProcessIdentity) {
    this.name = folder.name
    this.folder = folder
    this.supervisor = supervisor
    this.#child = child
    child.on('message', (message) => {
      const parsed = Failure.safeParse(message)
      if (parsed.success) this.#failure = parsed.data.message
    })
    child.on('error', (error) => (this.#failure = error.message))
  }

  /** Null while the supervisor is not listening yet. @throws {LocalError} when it failed or is gone. */
  async status(): Promise<TestnetStatus | null> {
    if (this.#failure !== null) throw new LocalError('launchFailed', this.#failure)
    if (!isRunning(this.supervisor)) {
      // Its message may still be on the way.
      await delay(LOOK_EVERY_MS)
      const message = `The supervisor of ${this.name} ended. Its log: ${this.folder.supervisorLog}`
      throw new LocalError('launchFailed', this.#failure ?? message)
    }
    try {
      return await askSupervisor(this.folder.controlSocket, { kind: 'status' })
    } catch (error) {
      if (error instanceof LocalError && error.code === 'notRunning') return null
      throw error
    }
  }

  /**
   * Waits until every validator takes clients.
   * @throws {LocalError} when one of them cannot start, with the reason that it gave.
   */
  async waitUntilReady(
    signal: AbortSignal,
    onStatus?: (status: TestnetStatus) => void,
  ): Promise<TestnetStatus> {
    for (;;) {
      const status = await this.status()
      if (status !== null) {
        onStatus?.(status)
        if (status.state === 'ready') return status
        throwIfFailed(status)
      }
      await delay(LOOK_EVERY_MS, undefined, { signal })
    }
  }

  /** Lets the testnet outlive this process. */
  async detach(): Promise<void> {
    await askSupervisor(this.folder.controlSocket, { kind: 'detach' })
    this.#child.disconnect()
    this.#child.unref()
  }

  /** Ends everything in good order; by force when that takes too long. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    if (await waitForEnd([this.supervisor], END_TIMEOUT_MS)) return
    await killTestnet(this.folder)
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    await killTestnet(this.folder)
  }
}

function throwIfFailed(status: TestnetStatus): void {
  if (status.problem !== null) throw new LocalError('launchFailed', status.problem)
  const dying = status.validators.find(
    ({ state, restarts }) => state !== 'ready' && restarts >= DEATHS_AT_LAUNCH_MAX,
  )
  if (dying === undefined) return
  const message = `Validator ${dying.name} does not start: ${dying.lastEnd ?? 'no reason given'}. Its log: ${dying.logFile}`
  throw new LocalError('launchFailed', message)
}
