import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'

/** The project's root folder: every tool runs there, wherever it is called from. */
export const projectRoot = join(import.meta.dirname, '..')

/** Runs a program with our own streams; resolves with its exit code (128 + signal when a signal ended it). */
export function run(command: string, words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: projectRoot, stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
    )
  })
}

/** Path of a program that a development dependency brings. */
export function installed(program: string): string {
  return join(projectRoot, 'node_modules', '.bin', program)
}
