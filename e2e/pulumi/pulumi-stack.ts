import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { E2eError } from '../cluster/e2e-error.ts'
import { type Captured, capture } from '../cluster/process/capture.ts'
import type { PulumiProject } from './pulumi-project.ts'

/** What the engine did to one resource. */
export interface PulumiStep {
  /** As the engine calls it: create, update, delete, replace… */
  readonly operation: string
  /** `type::name`. */
  readonly place: string
}

/** What became of one command of the user's. */
export interface PulumiRun {
  readonly code: number
  /** In the order in which they ended, without what stayed the same. */
  readonly steps: readonly PulumiStep[]
  /** What a person would have read. */
  readonly said: string
}

/** One resource of a stack's state. */
export interface StateResource {
  readonly urn: string
  readonly type: string
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly outputs?: Readonly<Record<string, unknown>>
}

interface EngineEvent {
  readonly diagnosticEvent?: {
    readonly message: string
    readonly severity: string
    readonly urn?: string
  }
  readonly resOutputsEvent?: { readonly metadata: { readonly op: string; readonly urn: string } }
}

const NO_CHANGE: ReadonlySet<string> = new Set(['same', 'read', 'refresh'])

/** @throws {assert.AssertionError} with what the command said when it failed. */
export function succeeded({ code, said }: PulumiRun): void {
  assert.equal(code, 0, said)
}

/** What changed, as `operation type::name`, of resources that are something: components, providers and the stack are left out. */
export function changes({ steps }: PulumiRun): readonly string[] {
  return steps
    .filter(({ place }) => !/^(?:pulumi|shardnet):/.test(place))
    .map(({ operation, place }) => `${operation} ${place}`)
}

/** A stack of infra/, used by the real command over state in a file. */
export class PulumiStack {
  readonly #project: PulumiProject
  readonly #name: string

  private constructor(project: PulumiProject, name: string) {
    this.#project = project
    this.#name = name
  }

  static async init(project: PulumiProject, name: string): Promise<PulumiStack> {
    const stack = new PulumiStack(project, name)
    await stack.#must(['stack', 'init', name])
    return stack
  }

  /** Sets the stack's configuration, all of it. */
  async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(this.#project.folder, `Pulumi.${this.#name}.yaml`)
    const before = parse(await readFile(path, 'utf8')) as Record<string, unknown>
    const entries = Object.entries(config).map(([key, value]) => [`shardnet:${key}`, value])
    await writeFile(path, stringify({ ...before, config: Object.fromEntries(entries) }))
  }

  up(...words: readonly string[]): Promise<PulumiRun> {
    return this.#change('up', ['--skip-preview', ...words])
  }

  refresh(...words: readonly string[]): Promise<PulumiRun> {
    return this.#change('refresh', ['--skip-preview', ...words])
  }

  destroy(): Promise<PulumiRun> {
    return this.#change('destroy', ['--skip-preview'])
  }

  /** Every resource of the state, the stack itself and providers included. */
  async resources(): Promise<readonly StateResource[]> {
    const text = await this.#must(['stack', 'export', '--stack', this.#name])
    const { deployment } = JSON.parse(text) as {
      readonly deployment: { readonly resources?: readonly StateResource[] }
    }
    return deployment.resources ?? []
  }

  async #change(command: string, words: readonly string[]): Promise<PulumiRun> {
    const all = [command, '--stack', this.#name, '--yes', '--non-interactive', '--json', ...words]
    const { code, text } = await this.#run(all)
    const events = text.split('\n').flatMap(eventOf)
    const steps = events.flatMap(({ resOutputsEvent }) => {
      if (resOutputsEvent === undefined) return []
      const { op, urn } = resOutputsEvent.metadata
      return NO_CHANGE.has(op) ? [] : [{ operation: op, place: placeOf(urn) }]
    })
    const lines = text.split('\n').filter((line) => !line.startsWith('{'))
    const diagnostics = events.flatMap(({ diagnosticEvent }) => {
      const { message, severity, urn } = diagnosticEvent ?? {}
      // Debugging and progress are not for people.
      if (message === undefined || severity === 'debug' || message.trim() === '') return []
      return [urn === undefined ? message : `${placeOf(urn)}: ${message}`]
    })
    return { code, steps, said: [...diagnostics, ...lines].join('\n') }
  }

  async #must(words: readonly string[]): Promise<string> {
    const { code, text } = await this.#run(words)
    if (code !== 0) throw new E2eError(`pulumi ${words.join(' ')} failed:\n${text}`)
    return text
  }

  #run(words: readonly string[]): Promise<Captured> {
    const { program, folder, env } = this.#project
    return capture(program, words, { cwd: folder, env })
  }
}

function eventOf(line: string): readonly EngineEvent[] {
  return line.startsWith('{') ? [JSON.parse(line)] : []
}

/** `type::name` of a URN, without the types of its parents. */
function placeOf(urn: string): string {
  const [, , types = '', name = ''] = urn.replace('urn:pulumi:', '').split('::')
  return `${types.split('$').at(-1)}::${name}`
}
