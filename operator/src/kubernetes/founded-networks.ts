import type { FoundedNetwork } from '../objects/genesis-config-map.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import { foundNetwork, instanceOf } from './founding.ts'
import type { TestnetWorld } from './hub-world.ts'
import type { MemberCluster } from './member-clusters.ts'
import { ensureRoot } from './root-secret.ts'

const FOUNDED_MAX = 4

/** Networks that were founded lately: founding again gives the same, but takes time. */
export class FoundedNetworks {
  readonly #own: MemberCluster
  readonly #cacheFolder: string
  readonly #founded = new Map<string, FoundedNetwork>()

  /** @param cacheFolder where tables of accounts are kept between foundings */
  constructor(own: MemberCluster, cacheFolder: string) {
    this.#own = own
    this.#cacheFolder = cacheFolder
  }

  async of(network: NetworkPlan, world: TestnetWorld): Promise<FoundedNetwork> {
    const key = keyOf(network, world)
    const known = this.#founded.get(key)
    if (known !== undefined) return known
    const { secret } = await ensureRoot(this.#own.session.client, this.#own.writer, world.object)
    const founded = await foundNetwork({
      network,
      rootSecret: Buffer.from(secret.reveal()).toString('hex'),
      instance: instanceOf(world.object.metadata.uid ?? '', network.generation),
      cacheFolder: this.#cacheFolder,
    })
    const [oldest] = this.#founded.keys()
    if (this.#founded.size >= FOUNDED_MAX && oldest !== undefined) this.#founded.delete(oldest)
    this.#founded.set(key, founded)
    return founded
  }

  forget(network: NetworkPlan, world: TestnetWorld): void {
    this.#founded.delete(keyOf(network, world))
  }
}

function keyOf(network: NetworkPlan, { object }: TestnetWorld): string {
  // With the plan: a generation that was never recorded may be planned anew under the same number.
  return `${object.metadata.uid}/${JSON.stringify(network)}`
}
