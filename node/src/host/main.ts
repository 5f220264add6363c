import { ConfigError } from '../config/problems.ts'
import { Defect } from '../core/errors.ts'
import { AdminError } from './admin/admin-error.ts'
import { HaltError } from './consensus/halt-error.ts'
import { LogError } from '../core/log/log-error.ts'
import { NetworkError } from './network/network-error.ts'
import { RpcError } from './rpc/rpc-error.ts'
import { StateFolderError } from './state-store/state-folder-error.ts'

const USAGE = `usage: main.ts run CONFIG        run one validator until it is asked to stop
       main.ts init CONFIG...    write the birth records of new validators, once
       main.ts pod               run the validator that this pod of a cluster is
       main.ts prepare           load everything and end: fills Node's compile cache
`
const exitCode = { ok: 0, failed: 1, badInput: 2, world: 3 } as const

/** How long the last words may take to leave. */
const LAST_WORDS_MS = 500

/** One clear sentence for what the world did; a defect of ours keeps its stack. */
function sentenceOf(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof ConfigError) return { text: error.message, code: exitCode.badInput }
  const isWorld = [LogError, NetworkError, RpcError, AdminError, StateFolderError].some(
    (kind) => error instanceof kind,
  )
  if (isWorld && error instanceof Error) return { text: error.message, code: exitCode.world }
  if (error instanceof HaltError)
    return { text: `stopped for safety: ${error.message}`, code: exitCode.failed }
  if (error instanceof Defect) return { text: error.stack ?? error.message, code: exitCode.failed }
  return {
    text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    code: exitCode.failed,
  }
}

let isDying = false

/** Says why the process ends, to people and to the process that started it, and ends it. */
function die(error: unknown): void {
  if (isDying) return
  isDying = true
  const { text, code } = sentenceOf(error)
  process.stderr.write(`${text}\n`)
  const [message = text] = text.split('\n')
  process.exitCode = code
  const end = (): never => process.exit(code)
  if (process.connected && process.send !== undefined)
    process.send({ kind: 'failed', message }, end)
  else end()
  setTimeout(end, LAST_WORDS_MS)
}

/** Resolves on a signal, or when the process that started us is gone. */
function stopRequest(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(name))
    process.once('disconnect', () => resolve('the process that started this validator ended'))
  })
}

const [command, ...files] = process.argv.slice(2)
// Heard from the first moment: who started us may be gone before we are ready.
const stopped = stopRequest()
process.on('uncaughtException', die)
process.on('unhandledRejection', die)
try {
  const [first] = files
  if (command === 'run' && first !== undefined && files.length === 1) {
    const { run } = await import('./run.ts')
    await run(first, stopped, die)
    process.exit(exitCode.ok)
  } else if (command === 'pod' && files.length === 0) {
    const { runPod } = await import('./pod/run-pod.ts')
    await runPod(stopped, die)
    process.exit(exitCode.ok)
  } else if (command === 'prepare' && files.length === 0) {
    await Promise.all([import('./run.ts'), import('./init.ts')])
    process.exit(exitCode.ok)
  } else if (command === 'init' && files.length > 0) {
    const { initialise } = await import('./init.ts')
    await initialise(files)
    process.exit(exitCode.ok)
  } else {
    process.stderr.write(USAGE)
    process.exitCode = exitCode.badInput
  }
} catch (error) {
  die(error)
}
