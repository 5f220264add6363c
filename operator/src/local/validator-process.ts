import { validatorNodeFlags } from '@shardnet/node/config'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { LocalError } from './local-error.ts'
import { identityOf, type ProcessIdentity } from './process-identity.ts'

/** What a validator tells the process that started it. */
const ValidatorMessage = z.discriminatedUnion('kind', [
  /** It takes clients and peers. */
  z.looseObject({ kind: z.literal('ready') }),
  /** Why it is about to end: one sentence for people. */
  z.looseObject({ kind: z.literal('failed'), message: z.string() }),
])

/** How one validator's process ended. */
export interface ValidatorEnd {
  /** In words: an exit code or a signal, and what the validator said about it. */
  readonly reason: string
  readonly ranForMs: number
}

/** What the supervisor hears of a validator's process. */
export interface ValidatorEvents {
  readonly onReady: () => void
  readonly onEnd: (end: ValidatorEnd) => void
}

/**
 * One running validator. The channel between us is its life line: it ends itself when the channel closes, which it does
 * when this process dies, however it dies.
 */
export class ValidatorProcess {
  readonly identity: ProcessIdentity
  isReady = false
  #lastWords = ''

  constructor(child: ChildProcess, identity: ProcessIdentity, events: ValidatorEvents) {
    this.identity = identity
    const startedAt = performance.now()
    child.on('message', (message) => {
      const parsed = ValidatorMessage.safeParse(message)
      if (!parsed.success) return
      if (parsed.data.kind === 'failed') this.#lastWords = parsed.data.message
      else {
        this.isReady = true
        events.onReady()
      }
    })
    child.once('exit', (code, signalName) => {
      this.isReady = false
      const how = signalName === null ? `exit code ${code}` : `signal ${signalName}`
      const reason = this.#lastWords === '' ? how : `${this.#lastWords} (${how})`
      events.onEnd({ reason, ranForMs: performance.now() - startedAt })
    })
  }
}

/**
 * Starts `main.ts run CONFIG`. Returns null when the process was gone before it could be looked at.
 * @throws {LocalError} when it cannot be started at all.
 */
export function startValidator(
  program: string,
  configFile: string,
  logFile: string,
  events: ValidatorEvents,
): ValidatorProcess {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  try {
    const child = spawn(process.execPath, [...validatorNodeFlags, program, 'run', configFile], {
      stdio: ['ignore', log, log, 'ipc'],
    })
    const { pid } = child
    if (pid === undefined)
      throw new LocalError('launchFailed', `${process.execPath} cannot be started.`)
    // A child that already ended is a zombie until we hear of it, and has no identity any more.
    const identity = identityOf(pid) ?? { pid, startTime: 'ended' }
    return new ValidatorProcess(child, identity, events)
  } finally {
    closeSync(log)
  }
}

/**
 * Runs `main.ts init CONFIG…`: writes the birth records of new validators.
 * @throws {LocalError} with what the program said when it fails.
 */
export async function initialiseValidators(
  program: string,
  configFiles: readonly string[],
): Promise<void> {
  const child = spawn(process.execPath, [program, 'init', ...configFiles], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (said = (said + text).slice(-2_000)))
  const [code] = await once(child, 'close')
  if (code !== 0)
    throw new LocalError('launchFailed', `The validators could not be initialised: ${said.trim()}`)
}
