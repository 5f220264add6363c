import type { KubernetesObject, ObjectMetadata } from '../objects/kubernetes-object.ts'
import { shardSecretName } from '../objects/names.ts'
import { SHARD_SECRET_KEYS } from '../objects/shard-secret.ts'
import type { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { objectPath, RESOURCES } from './resource.ts'

/** The Secret with a Shard's keys as it was found. */
export interface ShardKeysFound {
  readonly metadata: ObjectMetadata
  /** What it says of births; null when nobody said it yet. */
  readonly births: string | null
}

/** Null when it is not there, or holds no keys. */
export async function readShardKeys(
  client: ApiClient,
  { metadata }: KubernetesObject,
): Promise<ShardKeysFound | null> {
  const { name, namespace = '' } = metadata
  try {
    const path = objectPath(RESOURCES.secrets, { namespace, name: shardSecretName({ name }) })
    const secret = (await client.request({ verb: 'get', path })) as {
      readonly metadata: ObjectMetadata
      readonly data?: Readonly<Record<string, string>>
    }
    if (secret.data?.[SHARD_SECRET_KEYS.secret] === undefined) return null
    const births = secret.data[SHARD_SECRET_KEYS.births]
    return {
      metadata: secret.metadata,
      births: births === undefined ? null : Buffer.from(births, 'base64').toString(),
    }
  } catch (error) {
    if (isApiError(error, 404)) return null
    throw error
  }
}
