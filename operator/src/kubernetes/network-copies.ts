import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { type ClusterSession, OURS } from './cluster-session.ts'
import type { KindInformers } from './kind-informers.ts'
import { RESOURCES } from './resource.ts'

/** Copies of what networks have in a cluster beside their Shards. */
export interface NetworkCopies {
  readonly configMaps: KindInformers
  readonly networkPolicies: KindInformers
}

export function followNetworks(session: ClusterSession): NetworkCopies {
  return {
    configMaps: session.follow(RESOURCES.configMaps, { labelSelector: OURS, project: digested }),
    networkPolicies: session.follow(RESOURCES.networkPolicies, { labelSelector: OURS }),
  }
}

/** Whether a ConfigMap says what is wanted, by a copy of it. */
export function saysTheSame(wanted: KubernetesObject, copy: KubernetesObject): boolean {
  return digestOf(wanted) === copy['dataDigest']
}

/**
 * What a ConfigMap says is kept as its digest. The bytes of a genesis are as large as everything else together, and never
 * looked at again: it cannot change.
 */
function digested(object: KubernetesObject): KubernetesObject {
  const { binaryData: _binary, data: _data, ...rest } = object
  return { ...rest, dataDigest: digestOf(object) }
}

function digestOf({ data = {} }: KubernetesObject): string {
  const texts = data as Readonly<Record<string, string>>
  const keys = Object.keys(texts).sort()
  return createHash('sha256')
    .update(JSON.stringify(keys.map((key) => [key, texts[key]])))
    .digest('hex')
}
