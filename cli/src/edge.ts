import { ConfigError } from '@shardnet/node/config'
import { DocumentError, problemText } from '@shardnet/operator/api'
import { LocalError } from '@shardnet/operator/local'
import { CommanderError } from 'commander'
import { type ExitCode, exitCode } from './exit-code.ts'
import { InputError } from './input-error.ts'

/** A failure in the words of the person at the terminal. */
export interface Told {
  readonly code: ExitCode
  readonly text: string
}

/** The one place where an error becomes words and an exit code. No stack trace but for our own defects. */
export function tell(error: unknown): Told {
  if (error instanceof CommanderError) return tellCommander(error)
  if (error instanceof InputError) return { code: exitCode.badInput, text: listed(error.lines) }
  if (error instanceof DocumentError)
    return { code: exitCode.badInput, text: listed(error.problems.map(problemText)) }
  if (error instanceof ConfigError) return { code: exitCode.badInput, text: error.message }
  if (error instanceof LocalError) return { code: codeOfLocal(error), text: error.message }
  if (error instanceof Error && INPUT_NAMES.has(error.name))
    return { code: exitCode.badInput, text: error.message }
  if (isSystemError(error)) return { code: exitCode.platformFailed, text: systemText(error) }
  if (error instanceof Error && KNOWN_NAMES.has(error.name)) {
    return { code: exitCode.platformFailed, text: error.message }
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    code: exitCode.platformFailed,
    text: `This is a defect of shardnet, please report it:\n${text}`,
  }
}

/** Errors of the operator that its caller can mend, by name like those below. */
const INPUT_NAMES = new Set(['AccessError', 'JoinError', 'OperatorError', 'OperatorConfigError'])

/** Errors of lazily loaded rooms that are one sentence already. By name, so that telling does not load them. */
const KNOWN_NAMES = new Set(['ApiError', 'LoadError', 'RpcCallError', 'StreamError', 'LogError'])

function tellCommander(error: CommanderError): Told {
  if (error.exitCode === 0) return { code: exitCode.passed, text: '' }
  return { code: exitCode.badInput, text: error.message.replace(/^error: /, '') }
}

function codeOfLocal({ code }: LocalError): ExitCode {
  const isCallers = code === 'unknownTestnet' || code === 'alreadyRunning' || code === 'unsupported'
  return isCallers ? exitCode.badInput : exitCode.platformFailed
}

function listed(lines: readonly string[]): string {
  return lines.length === 1
    ? (lines[0] ?? '')
    : [`${lines.length} problems:`, ...lines.map((line) => `  ${line}`)].join('\n')
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error
  )
}

const SENTENCE_OF: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EACCES: 'Permission is missing',
  EPERM: 'Permission is missing',
  EROFS: 'The file system is read-only',
  EMFILE: 'This process may not open more files (see `ulimit -n`)',
  ENOMEM: 'There is no memory left',
}

function systemText(error: NodeJS.ErrnoException): string {
  const sentence = SENTENCE_OF[error.code ?? '']
  const place = error.path === undefined ? '' : `: ${error.path}`
  return sentence === undefined ? error.message : `${sentence}${place}.`
}
