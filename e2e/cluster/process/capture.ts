import { spawn } from 'node:child_process'

export interface Captured {
  /** Exit code; 127 when there is no such program, 128 when a signal ended it. */
  readonly code: number
  /** Standard output of a program that succeeded, both outputs of one that failed. */
  readonly text: string
}

export interface CaptureOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Given to the program as its standard input. */
  readonly input?: string
  readonly onStart?: (pid: number) => void
}

/** Runs a program to its end and keeps what it said. */
export function capture(
  command: string,
  words: readonly string[],
  { onStart, input, ...options }: CaptureOptions = {},
): Promise<Captured> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    let complaints = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        resolve({ code: 127, text: `${command}: there is no such program` })
      else reject(error)
    })
    child.on('close', (code) => {
      const failed = code !== 0
      resolve({ code: code ?? 128, text: failed ? output + complaints : output })
    })
    child.on('spawn', () => {
      if (child.pid !== undefined) onStart?.(child.pid)
    })
    // A program that ends without reading its input closes the pipe under us; its exit code tells more.
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdin.end(input)
  })
}
