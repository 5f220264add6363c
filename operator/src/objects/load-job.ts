import { scheduleMs, arrivalsOf } from '@shardnet/load-generator'
import type { LoadPod } from '@shardnet/load-generator/pod'
import type { LoadTest } from '../api/load-test.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import { genesisParts } from './genesis-config-map.ts'
import { genesisVolume } from './genesis-volume.ts'
import { IMAGE_PROGRAMS } from './image-programs.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { LABEL, networkLabels } from './labels.ts'
import { networkName, PORTS } from './names.ts'
import { containerSecurity, podSecurity } from './pod-security.ts'

/** Signing before, draining after, and a machine that is slow. */
const BESIDE_SCHEDULE_SECONDS = 600
/** How long pods and their logs stay after the end; the result stays longer. */
const KEPT_SECONDS = 3_600

/** The pod that makes the load of a LoadTest. It is tried once: a second try would measure another testnet. */
export function loadJob(
  loadTest: LoadTest,
  network: NetworkPlan,
  image: string,
  context: BuildContext,
): KubernetesObject {
  const { name } = loadTest.metadata
  const labels = {
    ...networkLabels(network),
    [LABEL.loadTest]: name,
    'app.kubernetes.io/component': 'load',
  }
  const seconds = Math.ceil(scheduleMs(arrivalsOf(loadTest.spec.arrivals)) / 1_000)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(`${name}-load`, labels, context),
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: seconds + BESIDE_SCHEDULE_SECONDS,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: podSecurity(),
          containers: [container(loadTest, network, image)],
          volumes: [genesisVolume(network), { name: 'tmp', emptyDir: { sizeLimit: '512Mi' } }],
        },
      },
    },
  }
}

function container(loadTest: LoadTest, network: NetworkPlan, image: string): object {
  return {
    name: 'load',
    image,
    args: IMAGE_PROGRAMS.load,
    env: [{ name: 'SHARDNET_LOAD', value: JSON.stringify(podOf(loadTest, network)) }],
    securityContext: containerSecurity(),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'genesis', mountPath: '/etc/shardnet/genesis', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
}

function podOf({ spec }: LoadTest, network: NetworkPlan): LoadPod {
  const set = `${networkName(network)}-shard-{shard}`
  return {
    format: 1,
    testnet: network.testnet,
    genesisParts: genesisParts(network),
    httpHost: `${set}-{validator}.${set}:${PORTS.http}`,
    workload: spec.workload,
    arrivals: spec.arrivals,
    criteria: spec.criteria,
  }
}
