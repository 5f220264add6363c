import { Secret } from '@shardnet/node/config'
import { stringify } from 'yaml'
import { Testnet } from '../api/testnet.ts'
import { hubShard } from '../plan/hub-shard.ts'
import { NOTHING_OBSERVED } from '../plan/observed.ts'
import { planTestnet } from '../plan/plan-testnet.ts'
import { addressBookConfigMap } from './address-book-config-map.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { networkPolicy } from './network-policy.ts'
import { shardChildren } from './shard-children.ts'
import { birthsOfShard, shardSecret } from './shard-secret.ts'

const CONTEXT = {
  namespace: 'default',
  owner: {
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Shard',
    name: 'demo-g1-shard-0',
    uid: '00000000-0000-0000-0000-000000000000',
    controller: true,
    blockOwnerDeletion: true,
  },
} as const

/** A small testnet over two clusters, so that everything there is to build is there. */
export function goldenTestnet(): Testnet {
  return Testnet.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Testnet',
    metadata: { name: 'demo' },
    spec: {
      image: 'registry.example/shardnet:1.0',
      placement: { clusters: [{ name: 'one' }, { name: 'two' }] },
      resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    },
  })
}

/** All objects of its first shard, in the order in which they are made. */
export function goldenObjects(): readonly KubernetesObject[] {
  const testnet = goldenTestnet()
  const { shards: parts } = planTestnet(testnet, NOTHING_OBSERVED)
  const [shard] = parts
  if (shard === undefined) return []
  const object = hubShard(shard, { testnet, networkId: '00'.repeat(32), parts })
  const nothing = new Secret(new Uint8Array(32))
  const book = {
    local: [{ shard: 0, start: 0, count: 4 }],
    gateways: [{ shard: 1, validator: 0, address: '192.0.2.7:31000' }],
  }
  return [
    networkPolicy(shard.network, { port: 30_000, endPort: 32_767 }, CONTEXT),
    addressBookConfigMap(shard.network, book, CONTEXT),
    shardSecret(shard, { secret: nothing, adminToken: nothing }, CONTEXT),
    birthsOfShard(shard, 'open', CONTEXT.namespace),
    ...shardChildren(object, 'localhost/shardnet:0.1.0', CONTEXT),
  ]
}

/** As a file that is committed, so that a change of any object shows in a review. */
export function goldenFile(): { readonly path: string; readonly content: string } {
  const documents = goldenObjects().map((object) =>
    stringify(object, { lineWidth: 120, aliasDuplicateObjects: false }),
  )
  return {
    path: 'operator/test/objects/generated/objects.yaml',
    content: documents.join('---\n'),
  }
}
