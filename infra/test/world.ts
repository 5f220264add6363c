import * as pulumi from '@pulumi/pulumi'
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js'
import * as settings from '@pulumi/pulumi/runtime/settings.js'
import { answerCall, outputsOf } from './recorded-outputs.ts'

/** A resource that the program asked for. */
export interface Asked {
  readonly type: string
  readonly name: string
  readonly isCustom: boolean
  readonly inputs: Readonly<Record<string, unknown>>
  /** Names (type::name) of resources that must be there first, and go away after. */
  readonly after: readonly string[]
}

/** What became of a run of the program under mocks. */
export interface WorldRun {
  readonly asked: readonly Asked[]
  /** Plain values. */
  readonly outputs: Readonly<Record<string, unknown>>
  /** Names of the outputs that Pulumi encrypts. */
  readonly secrets: readonly string[]
  /** Null when the program came to its end. */
  readonly error: string | null
}

/** What can go wrong in a world. */
export interface WorldFaults {
  /** The resource `type::name` cannot be made. */
  readonly failAt?: string
  /** Calls of this function are refused, as with expired credentials. */
  readonly refuse?: string
}

/**
 * Runs the program against Pulumi's mock monitor: every resource of every cloud is answered with outputs of the real shape, and
 * what was asked for is kept, dependencies included.
 */
export async function runIn(
  config: Readonly<Record<string, unknown>>,
  program: () => Promise<Record<string, unknown>>,
  faults: WorldFaults = {},
): Promise<WorldRun> {
  const asked: Asked[] = []
  // A resource that fails is a rejection that nobody handles: under the real engine it ends the process.
  const leaked = Promise.withResolvers<never>()
  leaked.promise.catch(() => undefined)
  const onLeak = (reason: unknown): void => leaked.reject(reason)
  process.on('unhandledRejection', onLeak)
  const monitor = new RecordingMonitor(asked, faults)
  settings.setMockOptions(monitor, 'shardnet', 'test', false)
  await pulumi.runtime.setMocks(
    { newResource: () => ({ id: '', state: {} }), call: () => ({}) },
    'shardnet',
    'test',
  )
  settings.setMockOptions(monitor, 'shardnet', 'test', false)
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        `shardnet:${key}`,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  )
  try {
    const outputs = await Promise.race([program(), leaked.promise])
    await Promise.race([settings.disconnect(), leaked.promise])
    // A rejection is found to be unhandled only after the promises of this turn.
    await Promise.race([new Promise((resolve) => setImmediate(resolve)), leaked.promise])
    return {
      asked,
      outputs: await plain(outputs),
      secrets: await secretsOf(outputs['kubeconfigs'] ?? {}),
      error: null,
    }
  } catch (error) {
    return {
      asked,
      outputs: {},
      secrets: [],
      error: error instanceof Error ? error.message : String(error),
    }
  } finally {
    // What the failure took down with it still rejects, one after the other.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onLeak)
    settings.disconnectSync()
  }
}

function plain(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    pulumi.output(outputs).apply((values) => resolve(JSON.parse(JSON.stringify(values))))
  })
}

async function secretsOf(kubeconfigs: object): Promise<readonly string[]> {
  const names: string[] = []
  for (const [name, value] of Object.entries(kubeconfigs))
    if (pulumi.Output.isInstance(value) && (await pulumi.isSecret(value))) names.push(name)
  return names
}

class RecordingMonitor extends MockMonitor {
  readonly #asked: Asked[]

  constructor(asked: Asked[], { failAt, refuse }: WorldFaults) {
    super({
      newResource: ({ type, name, inputs }) => {
        if (`${type}::${name}` === failAt) throw new Error(`${name} cannot be made`)
        return outputsOf(type, name, inputs)
      },
      call: ({ token, inputs }) => {
        if (token === refuse) throw new Error('ExpiredToken: the security token is expired')
        return answerCall(token, inputs)
      },
    })
    this.#asked = asked
  }

  override async registerResource(
    request: Parameters<MockMonitor['registerResource']>[0],
    callback: Parameters<MockMonitor['registerResource']>[1],
  ): Promise<void> {
    const parent: string = request.getParent()
    this.#asked.push({
      type: request.getType(),
      name: request.getName(),
      isCustom: request.getCustom(),
      inputs: request.getObject()?.toJavaScript() ?? {},
      after: [...request.getDependenciesList(), parent, request.getProvider()]
        .filter((urn: string) => urn !== '')
        .map(placeOf),
    })
    await super.registerResource(request, callback)
  }
}

/** `type::name` of a URN, or of a provider reference (URN::id). */
function placeOf(urn: string): string {
  const [, , type = '', name = ''] = urn.replace('urn:pulumi:', '').split('::')
  return `${type.split('$').at(-1)}::${name}`
}
