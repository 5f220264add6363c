import type { NetworkPlan } from '../plan/network-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { LABEL, networkLabels } from './labels.ts'
import { genesisName } from './names.ts'

/** A ConfigMap holds a mebibyte; the rest is for its metadata. */
const PART_BYTES_MAX = 900_000
/** Of one validator's entry, compressed: two keys and a proof that do not compress, and what is around them. */
const VALIDATOR_BYTES_MAX = 240
const REST_BYTES_MAX = 4_096

/** Key of the bytes in each part. */
export const GENESIS_KEY = 'genesis'
/** Annotation with the network's plan, from which the operator knows after a restart what it made. */
export const NETWORK_ANNOTATION = 'shardnet.dev/network'
export const NETWORK_ID_ANNOTATION = 'shardnet.dev/network-id'

/** In how many parts a genesis travels: a function of its size alone, so that pods know it before it exists. */
export function genesisParts(network: Pick<NetworkPlan, 'shards' | 'validatorsPerShard'>): number {
  const bytes = REST_BYTES_MAX + network.shards * network.validatorsPerShard * VALIDATOR_BYTES_MAX
  return Math.ceil(bytes / PART_BYTES_MAX)
}

/** What the operator made of a network's plan. */
export interface FoundedNetwork {
  readonly network: NetworkPlan
  readonly networkId: string
  /** The file that validators read, compressed: at 41,440 validators the text is 19 MB. */
  readonly genesis: Uint8Array
}

/** The genesis of a network, compressed, in parts that fit a ConfigMap each. Immutable: a network never changes. */
export function genesisConfigMaps(
  founded: FoundedNetwork,
  context: BuildContext,
): readonly KubernetesObject[] {
  const { network, networkId, genesis } = founded
  const bytes = Buffer.from(genesis.buffer, genesis.byteOffset, genesis.byteLength)
  const count = genesisParts(network)
  const size = Math.ceil(bytes.length / count)
  if (size > PART_BYTES_MAX) {
    throw new RangeError(`a genesis of ${bytes.length} bytes does not fit ${count} ConfigMaps`)
  }
  return Array.from({ length: count }, (_, part) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...metadataOf(
        genesisName(network, part),
        { ...networkLabels(network), [LABEL.part]: 'genesis' },
        context,
      ),
      annotations: {
        [NETWORK_ANNOTATION]: JSON.stringify(network),
        [NETWORK_ID_ANNOTATION]: networkId,
      },
    },
    immutable: true,
    binaryData: {
      [GENESIS_KEY]: bytes.subarray(part * size, (part + 1) * size).toString('base64'),
    },
  }))
}
