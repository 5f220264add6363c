import type { NetworkPlan } from '../plan/network-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { LABEL, networkLabels } from './labels.ts'
import { addressBookName } from './names.ts'

/** Key of the book in its ConfigMap. */
const ADDRESS_BOOK_KEY = 'peers.json'

/** Where a cluster's validators find those of all clusters. */
export interface AddressBook {
  /** Parts of shards in the same cluster, which are found by name. */
  readonly local: readonly {
    readonly shard: number
    readonly start: number
    readonly count: number
  }[]
  /** Validators of other clusters that can be reached. */
  readonly gateways: readonly {
    readonly shard: number
    readonly validator: number
    readonly address: string
  }[]
}

/** The address book of one cluster of a network that lies in several. Pods read it again when it changes. */
export function addressBookConfigMap(
  network: NetworkPlan,
  book: AddressBook,
  context: BuildContext,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(
      addressBookName(network),
      { ...networkLabels(network), [LABEL.part]: 'peers' },
      context,
    ),
    data: { [ADDRESS_BOOK_KEY]: JSON.stringify({ format: 1, ...book }) },
  }
}
