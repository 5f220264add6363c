import type { ApiAnswer, ApiClient } from '../cluster/api/api-client.ts'
import { waitUntil } from '../cluster/process/wait-until.ts'

/** One Testnet, by the API. */
export class TestnetHandle {
  readonly name: string
  readonly #api: ApiClient
  readonly #path: string

  constructor(api: ApiClient, namespace: string, name: string) {
    this.name = name
    this.#api = api
    this.#path = `/apis/shardnet.dev/v1alpha1/namespaces/${namespace}/testnets/${name}`
  }

  /** Small enough to be true within seconds. */
  async apply(spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#api.apply(this.#path, testnet(this.name, spec), 'user')
  }

  read(): Promise<ApiAnswer> {
    return this.#api.ask({ path: this.#path })
  }

  async remove(): Promise<void> {
    await this.#api.ask({ method: 'DELETE', path: this.#path })
  }

  /** What `kubectl wait --for=condition=TYPE=STATUS` waits for, of the newest generation; and for a reason, if given. */
  async becomes(
    type: string,
    status: 'True' | 'False',
    maxMs: number,
    reason?: string,
  ): Promise<ConditionSeen> {
    let seen: TestnetSeen | null = null
    let found: ConditionSeen | undefined
    await waitUntil(
      `${type}=${status} of ${this.name}`,
      maxMs,
      async () => {
        seen = (await this.read()).body as TestnetSeen
        found = seen.status?.conditions?.find((condition) => condition.type === type)
        const isNew = found?.observedGeneration === seen.metadata?.generation
        return isNew && found?.status === status && found.reason === (reason ?? found.reason)
      },
      () => JSON.stringify(seen?.status?.conditions ?? seen),
    )
    return found as ConditionSeen
  }

  async isGone(maxMs: number): Promise<void> {
    let answer: ApiAnswer | null = null
    await waitUntil(
      `the end of ${this.name}`,
      maxMs,
      async () => (answer = await this.read()).status === 404,
      () => JSON.stringify(answer?.body),
    )
  }
}

export interface ConditionSeen {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  readonly lastTransitionTime: string
}

interface TestnetSeen {
  readonly metadata?: { readonly generation: number }
  readonly status?: { readonly conditions?: readonly ConditionSeen[] }
}

function testnet(name: string, spec: Readonly<Record<string, unknown>>): object {
  return {
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Testnet',
    metadata: { name },
    spec: {
      shards: 2,
      validatorsPerShard: 4,
      genesis: { seed: name, accountsPerShard: 10 },
      storage: { size: '1Gi', retention: 'Delete' },
      ...spec,
    },
  }
}
