import type { Secret } from '@shardnet/node/config'
import type { ShardPlan } from '../plan/shard-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { LABEL, shardLabels } from './labels.ts'
import { shardSecretName } from './names.ts'

/** Keys of a shard's Secret. */
export const SHARD_SECRET_KEYS = {
  secret: 'secret',
  births: 'births',
  admin: 'admin-token',
} as const

/** Whether a validator that finds an empty disk may be born. */
export type Births = 'open' | 'closed'

/** What a shard's pods know that others must not. */
export interface ShardKeys {
  /** All keys of the shard's validators come from it. */
  readonly secret: Secret
  /** What the admin door of its validators asks for. */
  readonly adminToken: Secret
}

/**
 * The Secret that the pods of one shard mount. Whether an empty disk may still be born is in it too: the hub makes it
 * `open` together with the Shard, and the member's controller closes it for ever, under a manager of its own.
 */
export function shardSecret(
  shard: ShardPlan,
  keys: ShardKeys,
  context: BuildContext,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataOf(
      shardSecretName(shard),
      { ...shardLabels(shard), [LABEL.part]: 'keys' },
      context,
    ),
    type: 'Opaque',
    data: {
      [SHARD_SECRET_KEYS.secret]: hexAsBase64(keys.secret),
      [SHARD_SECRET_KEYS.admin]: hexAsBase64(keys.adminToken),
    },
  }
}

function hexAsBase64(secret: Secret): string {
  return Buffer.from(Buffer.from(secret.reveal()).toString('hex')).toString('base64')
}

/** The same Secret, with whether an empty disk may be born. */
export function withBirths(secret: KubernetesObject, births: Births): KubernetesObject {
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>
  return { ...secret, data: { ...data, [SHARD_SECRET_KEYS.births]: birthsText(births) } }
}

/**
 * Whether validators of a shard that find an empty disk may be born. After all of them were ready once the answer is no
 * for ever: an empty disk then is a lost one, and its validator has votes that it forgot.
 */
export function birthsOfShard(
  shard: ShardPlan,
  births: Births,
  namespace: string,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: shardSecretName(shard), namespace },
    data: { [SHARD_SECRET_KEYS.births]: birthsText(births) },
  }
}

function birthsText(births: Births): string {
  return Buffer.from(births).toString('base64')
}
