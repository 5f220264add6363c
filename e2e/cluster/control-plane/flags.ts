import { join } from 'node:path'

export interface ControlPlanePorts {
  readonly etcd: number
  readonly etcdPeer: number
  readonly api: number
}

/** Where a control plane keeps its files. */
export interface ControlPlaneFiles {
  readonly etcd: string
  readonly certificates: string
  readonly tokens: string
  readonly serviceAccountKey: string
  readonly serviceAccountPublicKey: string
  readonly kubeconfig: string
  readonly scheduler: string
  /** Of controller manager and scheduler in a frugal control plane: an administrator's requests wait for nobody's. */
  readonly manager: string
  readonly schedulerKubeconfig: string
  /** The proxy by which the API server reaches nodes that live in their own network; null without real nodes. */
  readonly egress: string | null
}

/** What a rehearsal at scale needs otherwise than a test does. */
export interface Proportions {
  /** Ports for Services of type NodePort, such as `20000-32767`; the default has 2,768. */
  readonly nodePorts?: string
  /**
   * False: claims stay unbound, and pods get nodes all the same. Kwok binds about four a second, and one whose name was
   * another's a moment ago it may bind to the other's volume.
   */
  readonly bindsVolumes?: boolean
  /**
   * For tens of thousands of pods on a small machine: a node is the first that has room, it is not given up when its
   * heartbeats come late, and endpoints are written in batches. Nobody asks more than the machine can answer, and
   * controllers have no more right to an answer than the operator.
   */
  readonly isFrugal?: boolean
}

/** Services' addresses; only nodes in network namespaces route them. */
export const SERVICE_RANGE = '10.96.0.0/16'
/** Where real nodes find the API server, inside their network namespaces only. */
export const API_ADDRESS_FOR_NODES = '10.89.0.1'

const LOOPBACK = '127.0.0.1'
/** The defaults (20 requests a second) are what makes a small cluster slow. */
const FAST_QPS = 500
const FAST_BURST = 1_000
const FAST_CLIENT = [`--kube-api-qps=${FAST_QPS}`, `--kube-api-burst=${FAST_BURST}`]
/** Of the frugal: what two cores answer. With more, requests wait until they time out, and are made again. */
const FRUGAL_QPS = 200
const FRUGAL_CLIENT = [`--kube-api-qps=${FRUGAL_QPS}`, `--kube-api-burst=${FRUGAL_QPS}`]
/** A set asks for all of its pods at once. */
const FRUGAL_SETS = 2
const FRUGAL_SERVER = ['--max-requests-inflight=60', '--max-mutating-requests-inflight=40']
/** Of the scheduler: those that want a pod's claims to be bound. */
const VOLUME_PLUGINS = ['VolumeBinding', 'VolumeZone', 'VolumeRestrictions', 'NodeVolumeLimits']
/** And those that look at all pods for each. */
const COSTLY_PLUGINS = ['PodTopologySpread', 'InterPodAffinity']
const UNBOUND_MANAGER = ['--controllers=*,-persistentvolume-binder-controller']
const FRUGAL_MANAGER = [
  '--node-monitor-grace-period=10m',
  '--endpoint-updates-batch-period=5s',
  '--endpointslice-updates-batch-period=5s',
]

/** With tens of thousands of pods in memory these programs collect garbage more seldom, while that of a small machine lasts. */
export function garbageVariables(
  program: 'kube-apiserver' | 'client',
  { isFrugal = false }: Proportions,
): NodeJS.ProcessEnv {
  if (!isFrugal) return {}
  return program === 'client'
    ? { GOGC: '400', GOMEMLIMIT: '2500MiB' }
    : { GOGC: '200', GOMEMLIMIT: '8GiB' }
}

export function etcdFlags(ports: ControlPlanePorts, files: ControlPlaneFiles): readonly string[] {
  const client = `http://${LOOPBACK}:${ports.etcd}`
  const peer = `http://${LOOPBACK}:${ports.etcdPeer}`
  return [
    `--data-dir=${files.etcd}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--log-level=warn',
    `--quota-backend-bytes=${8 * 2 ** 30}`,
    // A test's cluster does not outlive its machine.
    '--unsafe-no-fsync',
  ]
}

export function apiServerFlags(
  ports: ControlPlanePorts,
  files: ControlPlaneFiles,
  { nodePorts, isFrugal = false }: Proportions,
): readonly string[] {
  const range = nodePorts === undefined ? [] : [`--service-node-port-range=${nodePorts}`]
  const egress = files.egress === null ? [] : [`--egress-selector-config-file=${files.egress}`]
  return [
    `--etcd-servers=http://${LOOPBACK}:${ports.etcd}`,
    `--bind-address=${LOOPBACK}`,
    `--secure-port=${ports.api}`,
    `--advertise-address=${API_ADDRESS_FOR_NODES}`,
    `--cert-dir=${files.certificates}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
    ...range,
    ...(isFrugal ? FRUGAL_SERVER : []),
    ...egress,
  ]
}

export function controllerManagerFlags(
  files: ControlPlaneFiles,
  { isFrugal = false, bindsVolumes = true }: Proportions,
): readonly string[] {
  return [
    ...(bindsVolumes ? [] : UNBOUND_MANAGER),
    ...(isFrugal ? FRUGAL_MANAGER : []),
    `--kubeconfig=${isFrugal ? files.manager : files.kubeconfig}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${join(files.certificates, 'apiserver.crt')}`,
    '--leader-elect=false',
    '--secure-port=0',
    `--concurrent-statefulset-syncs=${isFrugal ? FRUGAL_SETS : 20}`,
    ...(isFrugal ? FRUGAL_CLIENT : FAST_CLIENT),
  ]
}

/** The configuration is in a file, which takes the place of the flags that say the same. */
export function schedulerFlags({ scheduler }: ControlPlaneFiles): readonly string[] {
  return [`--config=${scheduler}`, '--leader-elect=false', '--secure-port=0']
}

/** Configuration of the scheduler. */
export function schedulerConfiguration(
  files: ControlPlaneFiles,
  { isFrugal = false, bindsVolumes = true }: Proportions,
): object {
  const disabled = [...(bindsVolumes ? [] : VOLUME_PLUGINS), ...(isFrugal ? COSTLY_PLUGINS : [])]
  return {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    leaderElection: { leaderElect: false },
    clientConnection: isFrugal
      ? { kubeconfig: files.schedulerKubeconfig, qps: FRUGAL_QPS, burst: FRUGAL_QPS }
      : { kubeconfig: files.kubeconfig, qps: FAST_QPS, burst: FAST_BURST },
    profiles: [
      {
        schedulerName: 'default-scheduler',
        plugins: { multiPoint: { disabled: disabled.map((name) => ({ name })) } },
      },
    ],
  }
}
