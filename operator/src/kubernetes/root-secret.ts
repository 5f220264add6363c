import { createRootSecret, Secret } from '@shardnet/node/config'
import type {
  KubernetesObject,
  ObjectMetadata,
  OwnerReference,
} from '../objects/kubernetes-object.ts'
import { LABEL, testnetLabels } from '../objects/labels.ts'
import { rootSecretName } from '../objects/names.ts'
import type { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { objectPath, RESOURCES } from './resource.ts'
import type { Writer } from './writer.ts'

/** The root Secret of a testnet as it was found. */
export interface RootSecret {
  readonly secret: Secret
  readonly metadata: ObjectMetadata
  /** Highest generation whose network was removed: none is made twice, because its validators have voted. */
  readonly retired: number
}

const KEY = 'root'
const RETIRED = 'shardnet.dev/retired-generation'

/** Reads the root Secret, and makes it when there is none. Two that make it at once get the same one. */
export async function ensureRoot(
  client: ApiClient,
  writer: Writer,
  testnet: KubernetesObject,
): Promise<RootSecret> {
  const found = await readRoot(client, testnet)
  if (found !== null) return found
  await writer.create(rootObject(testnet, createRootSecret()))
  const made = await readRoot(client, testnet)
  if (made !== null) return made
  // A dry run makes nothing: what would be made is as good.
  return { secret: createRootSecret(), metadata: { name: '' }, retired: 0 }
}

/** Null when there is none. */
export async function readRoot(
  client: ApiClient,
  { metadata }: KubernetesObject,
): Promise<RootSecret | null> {
  const { namespace = '', name } = metadata
  try {
    const path = objectPath(RESOURCES.secrets, { namespace, name: rootSecretName(name) })
    const object = (await client.request({ verb: 'get', path })) as KubernetesObject & {
      readonly data?: Readonly<Record<string, string>>
    }
    const owner = object.metadata.ownerReferences?.[0]?.uid
    // Of a testnet that was deleted: its garbage goes soon, and its keys are not ours.
    if (owner !== metadata.uid) throw new RangeError(`Secret ${rootSecretName(name)} is another's`)
    const hex = Buffer.from(object.data?.[KEY] ?? '', 'base64').toString()
    const retired = Number(object.metadata.annotations?.[RETIRED] ?? 0)
    const secret = new Secret(new Uint8Array(Buffer.from(hex, 'hex')))
    return { secret, metadata: object.metadata, retired }
  } catch (error) {
    if (isApiError(error, 404)) return null
    throw error
  }
}

/** Remembers that a generation was there, before it is removed. */
export function retiredRoot(testnet: KubernetesObject, generation: number): KubernetesObject {
  const { name, namespace = '' } = testnet.metadata
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: rootSecretName(name),
      namespace,
      annotations: { [RETIRED]: String(generation) },
    },
  }
}

function rootObject(testnet: KubernetesObject, secret: Secret): KubernetesObject {
  const { name, namespace = '' } = testnet.metadata
  const hex = Buffer.from(secret.reveal()).toString('hex')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: rootSecretName(name),
      namespace,
      labels: { ...testnetLabels(name), [LABEL.part]: 'root' },
      ownerReferences: [testnetOwner(testnet)],
    },
    type: 'Opaque',
    data: { [KEY]: Buffer.from(hex).toString('base64') },
  }
}

/** What belongs to a testnet in its own cluster goes with it, whoever is still there. */
export function testnetOwner({ apiVersion, kind, metadata }: KubernetesObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }
}
