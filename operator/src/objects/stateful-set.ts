import { validatorNodeFlags } from '@shardnet/node/config'
import type { PodConfig } from '@shardnet/node/pod'
import { quantityBytes } from '../api/field.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import { genesisParts } from './genesis-config-map.ts'
import { genesisVolume, READ_BY_GROUP } from './genesis-volume.ts'
import { IMAGE_PROGRAMS } from './image-programs.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { shardLabels, shardSelector } from './labels.ts'
import { addressBookName, PORTS, shardSecretName } from './names.ts'
import { containerSecurity, podSecurity } from './pod-security.ts'

/** Where things lie in a validator's pod. */
const POD_PATHS = {
  data: '/data',
  /** In memory: configuration and keys that the pod makes for itself. */
  run: '/run/shardnet',
  genesis: '/etc/shardnet/genesis',
  keys: '/etc/shardnet/keys',
  peers: '/etc/shardnet/peers',
} as const

const STOP_SECONDS = 30
/** Share of a memory limit that old objects may take; the rest is for buffers, code and young ones. */
const HEAP_SHARE = 0.6
const MEBIBYTE = 2 ** 20
/** Of a disk: the log ends before the disk does, and the state lies beside it. */
const LOG_SHARE = 0.8

/**
 * The validators of a set. Each knows from its ordinal who it is. They start together, because none is ready before a
 * quorum is; and none is replaced unless the operator says so, because it may take only f at a time.
 */
export function statefulSet(
  shard: ShardPlan,
  image: string,
  context: BuildContext,
): KubernetesObject {
  const retention = shard.storage.retention
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadataOf(shard.name, shardLabels(shard), context),
    spec: {
      serviceName: shard.name,
      replicas: shard.ordinals.count,
      ordinals: { start: shard.ordinals.start },
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      revisionHistoryLimit: 2,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: retention, whenScaled: 'Retain' },
      selector: { matchLabels: shardSelector(shard) },
      template: {
        metadata: { labels: shardLabels(shard) },
        spec: podSpec(shard, image),
      },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', labels: shardSelector(shard) },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: shard.storage.size } },
          },
        },
      ],
    },
  }
}

function podSpec(shard: ShardPlan, image: string): object {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: STOP_SECONDS,
    securityContext: podSecurity(),
    topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
      (topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: shardSelector(shard) },
      }),
    ),
    containers: [validatorContainer(shard, image)],
    volumes: volumesOf(shard),
  }
}

function validatorContainer(shard: ShardPlan, image: string): object {
  const probe = (path: string) => ({ httpGet: { path, port: 'http' } })
  return {
    name: 'validator',
    image,
    args: IMAGE_PROGRAMS.validator,
    env: [
      { name: 'SHARDNET_POD', value: JSON.stringify(podConfigOf(shard)) },
      { name: 'NODE_OPTIONS', value: nodeOptions(shard) },
    ],
    ports: [
      { name: 'p2p', containerPort: PORTS.p2p, protocol: 'TCP' },
      { name: 'http', containerPort: PORTS.http, protocol: 'TCP' },
    ],
    resources: resourcesOf(shard),
    securityContext: containerSecurity(),
    // The first start derives the table of accounts, which takes as long as there are accounts.
    startupProbe: {
      ...probe('/livez'),
      periodSeconds: 2,
      timeoutSeconds: 2,
      failureThreshold: 300,
    },
    // Two minutes: a machine with too much to do is not helped by starting its validators anew.
    livenessProbe: {
      ...probe('/livez'),
      periodSeconds: 20,
      timeoutSeconds: 10,
      failureThreshold: 6,
    },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5, timeoutSeconds: 5 },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'data', mountPath: POD_PATHS.data },
      { name: 'run', mountPath: POD_PATHS.run },
      { name: 'genesis', mountPath: POD_PATHS.genesis, readOnly: true },
      { name: 'keys', mountPath: POD_PATHS.keys, readOnly: true },
      { name: 'peers', mountPath: POD_PATHS.peers, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
}

/** What `main.ts pod` is told (node/src/host/pod/pod-config.ts); which of the set it is, it knows from its name. */
function podConfigOf(shard: ShardPlan): PodConfig {
  return {
    format: 1,
    shard: shard.shard,
    genesisParts: genesisParts(shard.network),
    peerHost: shard.name.replace(/-[0-9]+$/, '-{shard}-{validator}.') + hostOfSet(shard),
    diskBytesMax: Math.floor(quantityBytes(shard.storage.size) * LOG_SHARE),
  }
}

function hostOfSet({ name }: ShardPlan): string {
  return name.replace(/-[0-9]+$/, '-{shard}')
}

function nodeOptions({ resources }: ShardPlan): string {
  const limit = resources.limits?.memory
  const heap =
    limit === undefined
      ? []
      : [`--max-old-space-size=${Math.floor((quantityBytes(limit) * HEAP_SHARE) / MEBIBYTE)}`]
  return [...validatorNodeFlags, ...heap].join(' ')
}

function resourcesOf({ resources }: ShardPlan): object {
  return {
    ...(resources.requests === undefined ? {} : { requests: resources.requests }),
    ...(resources.limits === undefined ? {} : { limits: resources.limits }),
  }
}

function volumesOf(shard: ShardPlan): readonly object[] {
  return [
    { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    genesisVolume(shard.network),
    {
      name: 'keys',
      secret: { secretName: shardSecretName(shard), defaultMode: READ_BY_GROUP },
    },
    {
      name: 'peers',
      configMap: {
        name: addressBookName(shard.network),
        optional: true,
        defaultMode: READ_BY_GROUP,
      },
    },
  ]
}
