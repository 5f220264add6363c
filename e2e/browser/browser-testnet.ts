import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capture } from '../cluster/process/capture.ts'
import { E2eError } from '../cluster/e2e-error.ts'

const CLI = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts')

/** A testnet of real processes in a folder of its own, handled by the commands that people use. */
export class BrowserTestnet {
  readonly #name: string
  readonly #home: string

  private constructor(name: string, home: string) {
    this.#name = name
    this.#home = home
  }

  static async start(name: string, flags: readonly string[]): Promise<BrowserTestnet> {
    const home = await mkdtemp(join(tmpdir(), 'shardnet-browser-'))
    const testnet = new BrowserTestnet(name, home)
    await testnet.#must(['up', '--detach', '--name', name, ...flags])
    return testnet
  }

  /** Address of a validator's page. */
  async page(shard: number, validator: number): Promise<string> {
    const file = join(this.#home, 'status.json')
    await this.#must(['status', this.#name, '--json', file])
    const { validators }: { validators: readonly Record<string, unknown>[] } = JSON.parse(
      await readFile(file, 'utf8'),
    )
    const found = validators.find(
      (each) => each['shard'] === shard && each['validator'] === validator,
    )
    if (typeof found?.['httpAddress'] !== 'string')
      throw new E2eError(`validator ${shard}/${validator} has no address`)
    return `http://${found['httpAddress']}/`
  }

  /** Runs a load to its end. How good it was is not what is tested. */
  async load(flags: readonly string[]): Promise<void> {
    await this.#run(['load', '--name', this.#name, '--out', join(this.#home, 'report'), ...flags])
  }

  /** Kills a validator and keeps it down until `healed`. */
  async kill(shard: number, validator: number): Promise<void> {
    const seat = ['--shard', String(shard), '--validator', String(validator)]
    await this.#must(['fault', 'kill', '--name', this.#name, ...seat, '--for', '30m'])
  }

  /** Lets all that was killed come back. */
  async heal(): Promise<void> {
    await this.#must(['fault', 'clear', '--name', this.#name])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run(['down', this.#name, '--remove-data'])
    await rm(this.#home, { recursive: true, force: true })
  }

  async #must(words: readonly string[]): Promise<void> {
    const { code, text } = await this.#run(words)
    if (code !== 0) throw new E2eError(`shardnet ${words.join(' ')} failed:\n${text}`)
  }

  #run(words: readonly string[]): ReturnType<typeof capture> {
    const env = { ...process.env, SHARDNET_HOME: this.#home }
    return capture(process.execPath, [CLI, ...words], { env })
  }
}
