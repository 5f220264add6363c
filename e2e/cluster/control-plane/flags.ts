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
  /** The proxy by which the API server reaches nodes that live in their own network; null without real nodes. */
  readonly egress: string | null
}

/** Services' addresses; only nodes in network namespaces route them. */
export const SERVICE_RANGE = '10.96.0.0/16'
/** Where real nodes find the API server, inside their network namespaces only. */
export const API_ADDRESS_FOR_NODES = '10.89.0.1'

const LOOPBACK = '127.0.0.1'
/** The defaults (20 requests a second) are what makes a small cluster slow. */
const FAST_CLIENT = ['--kube-api-qps=500', '--kube-api-burst=1000']

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
): readonly string[] {
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
    ...egress,
  ]
}

export function controllerManagerFlags(files: ControlPlaneFiles): readonly string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${join(files.certificates, 'apiserver.crt')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--concurrent-statefulset-syncs=20',
    ...FAST_CLIENT,
  ]
}

export function schedulerFlags(files: ControlPlaneFiles): readonly string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    ...FAST_CLIENT,
  ]
}
