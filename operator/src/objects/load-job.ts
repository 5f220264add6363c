import { scheduleMs, arrivalsOf } from '@shardnet/load-generator'
import { GENESIS_FOLDER, LOAD_PORT, type LoadPod, TRACE_FOLDER } from '@shardnet/load-generator/pod'
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

/** Waiting for each other and signing before, draining after, and a machine that is slow. */
const BESIDE_SCHEDULE_SECONDS = 900
/** How long a trace lasts, only its pods know. */
const TRACE_SECONDS_MAX = 86_400
/** How long pods and their logs stay after the end; the result stays longer. */
const KEPT_SECONDS = 3_600

/** What makes the load of a LoadTest, in the order in which it is applied: what its pods meet by, then the pods. */
export function loadObjects(
  loadTest: LoadTest,
  network: NetworkPlan,
  image: string,
  context: BuildContext,
): readonly KubernetesObject[] {
  const job = loadJob(loadTest, network, image, context)
  if (loadTest.spec.generators === 1) return [job]
  return [
    meetingService(loadTest, network, context),
    meetingPolicy(loadTest, network, context),
    job,
  ]
}

/** Name of the Job of a LoadTest, and of the Service that its pods meet by. */
export function loadJobName(loadTest: string): string {
  return `${loadTest}-load`
}

/** The pods that make the load. They are tried once: a second try would measure another testnet. */
function loadJob(
  loadTest: LoadTest,
  network: NetworkPlan,
  image: string,
  context: BuildContext,
): KubernetesObject {
  const { generators } = loadTest.spec
  const name = loadJobName(loadTest.metadata.name)
  const labels = labelsOf(loadTest, network)
  const { arrivals, traceConfigMap } = loadTest.spec
  const seconds =
    arrivals.process === 'trace'
      ? TRACE_SECONDS_MAX
      : Math.ceil(scheduleMs(arrivalsOf(arrivals)) / 1_000)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(name, labels, context),
    spec: {
      backoffLimit: 0,
      completionMode: 'Indexed',
      completions: generators,
      parallelism: generators,
      activeDeadlineSeconds: seconds + BESIDE_SCHEDULE_SECONDS,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          ...(generators === 1 ? {} : { subdomain: name }),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: podSecurity(),
          containers: [container(loadTest, network, image, context)],
          volumes: [
            genesisVolume(network),
            { name: 'tmp', emptyDir: { sizeLimit: '512Mi' } },
            // Where it is not there the pod starts and says so.
            ...(traceConfigMap === undefined
              ? []
              : [{ name: 'trace', configMap: { name: traceConfigMap, optional: true } }]),
          ],
        },
      },
    },
  }
}

/** Gives each pod a name, ready or not: being ready says that the load has started. */
function meetingService(
  loadTest: LoadTest,
  network: NetworkPlan,
  context: BuildContext,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(loadJobName(loadTest.metadata.name), labelsOf(loadTest, network), context),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selectorOf(loadTest),
      ports: [{ name: 'http', port: LOAD_PORT, targetPort: 'http', protocol: 'TCP' }],
    },
  }
}

/** Nobody else has anything to say to these pods. */
function meetingPolicy(
  loadTest: LoadTest,
  network: NetworkPlan,
  context: BuildContext,
): KubernetesObject {
  const pods = { matchLabels: selectorOf(loadTest) }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(loadJobName(loadTest.metadata.name), labelsOf(loadTest, network), context),
    spec: {
      podSelector: pods,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: pods }], ports: [{ protocol: 'TCP', port: LOAD_PORT }] }],
    },
  }
}

function selectorOf({ metadata }: LoadTest): Readonly<Record<string, string>> {
  return { [LABEL.loadTest]: metadata.name, 'app.kubernetes.io/component': 'load' }
}

function labelsOf(loadTest: LoadTest, network: NetworkPlan): Readonly<Record<string, string>> {
  return { ...networkLabels(network), ...selectorOf(loadTest) }
}

function container(
  loadTest: LoadTest,
  network: NetworkPlan,
  image: string,
  context: BuildContext,
): object {
  return {
    name: 'load',
    image,
    args: IMAGE_PROGRAMS.load,
    env: [{ name: 'SHARDNET_LOAD', value: JSON.stringify(podOf(loadTest, network, context)) }],
    ports: [{ name: 'http', containerPort: LOAD_PORT, protocol: 'TCP' }],
    // Faults wait for it, so it is asked often.
    readinessProbe: {
      httpGet: { path: '/started', port: 'http' },
      periodSeconds: 1,
      failureThreshold: 1,
    },
    securityContext: containerSecurity(),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'genesis', mountPath: GENESIS_FOLDER, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      ...(loadTest.spec.traceConfigMap === undefined
        ? []
        : [{ name: 'trace', mountPath: TRACE_FOLDER, readOnly: true }]),
    ],
  }
}

function podOf({ metadata, spec }: LoadTest, network: NetworkPlan, context: BuildContext): LoadPod {
  const set = `${networkName(network)}-shard-{shard}`
  const job = loadJobName(metadata.name)
  return {
    format: 2,
    run: context.owner?.uid ?? '',
    testnet: network.testnet,
    genesisParts: genesisParts(network),
    httpHost: `${set}-{validator}.${set}:${PORTS.http}`,
    generators: spec.generators,
    coordinator: `${job}-0.${job}:${LOAD_PORT}`,
    workload: spec.workload,
    arrivals: spec.arrivals,
    criteria: spec.criteria,
  }
}
