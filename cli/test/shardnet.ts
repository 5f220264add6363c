import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

/** What a command came to. */
export interface Outcome {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Outcome>
  /** Resolves when standard output holds that text. */
  readonly says: (text: string) => Promise<void>
}

/** A home of its own for the testnets of one test; whatever is left at its end is taken down. */
export class Workplace {
  readonly home: string

  private constructor(home: string) {
    this.home = home
  }

  static async create(context: TestContext): Promise<Workplace> {
    const place = new Workplace(await mkdtemp(join(tmpdir(), 'shardnet-cli-')))
    context.after(async () => {
      if (existsSync(join(place.home, 'testnets'))) await place.run(['down', '--all'])
      await rm(place.home, { recursive: true, force: true })
    })
    return place
  }

  /** Starts a command. */
  start(words: readonly string[]): Running {
    const env = { ...process.env, SHARDNET_HOME: join(this.home, 'testnets'), INIT_CWD: this.home }
    const child = spawn(process.execPath, [MAIN, ...words], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    const waiting: { readonly text: string; readonly resolve: () => void }[] = []
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const { text: wanted, resolve } of waiting) if (output.includes(wanted)) resolve()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const ended = once(child, 'close').then(([code]: (number | null)[]) => ({
      code: code ?? null,
      output,
      errors,
    }))
    const says = (text: string) => {
      if (output.includes(text)) return Promise.resolve()
      const early = ended.then((outcome) => {
        throw new Error(`ended without saying ${JSON.stringify(text)}: ${JSON.stringify(outcome)}`)
      })
      return Promise.race([new Promise<void>((resolve) => waiting.push({ text, resolve })), early])
    }
    return { child, ended, says }
  }

  /** Runs a command to its end. */
  run(words: readonly string[]): Promise<Outcome> {
    return this.start(words).ended
  }
}
