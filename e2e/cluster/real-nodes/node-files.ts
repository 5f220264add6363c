import { stringify } from 'yaml'
import { CNI_FOLDER } from './cni.ts'
import { DNS_SERVICE_ADDRESS, POD_RANGE, type RealNode } from './addresses.ts'

/** The image that holds a pod's network open; built from a program of ours, so that nothing is pulled. */
export const PAUSE_IMAGE = 'localhost/shardnet-pause:1'

export function containerdSocket({ folder }: RealNode): string {
  return `${folder}/containerd.sock`
}

/** Configuration of containerd 1.6 and 1.7 (version 2 of the format). */
export function containerdConfiguration(node: RealNode): string {
  const plugin = 'io.containerd.grpc.v1.cri'
  return [
    'version = 2',
    `root = "${node.folder}/containerd"`,
    `state = "${node.folder}/run"`,
    '[grpc]',
    `address = "${containerdSocket(node)}"`,
    `[plugins."${plugin}"]`,
    // A machine that is a container itself may not lower the score, and runc fails on the attempt.
    'restrict_oom_score_adj = true',
    'netns_mounts_under_state_dir = true',
    `sandbox_image = "${PAUSE_IMAGE}"`,
    `[plugins."${plugin}".cni]`,
    `bin_dir = "${CNI_FOLDER}"`,
    `conf_dir = "${node.folder}/cni"`,
    `[plugins."${plugin}".containerd.runtimes.runc]`,
    'runtime_type = "io.containerd.runc.v2"',
    '',
  ].join('\n')
}

export function kubeletConfiguration(node: RealNode): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // Reachable inside the cluster's namespaces only.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    // Without one of its own each kubelet removes the others' pods as orphans.
    cgroupRoot: `/${node.controlGroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    clusterDNS: [DNS_SERVICE_ADDRESS],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${containerdSocket(node)}`,
    resolvConf: `${node.folder}/resolv.conf`,
    readOnlyPort: 0,
    // In the folder that all kubelets share each removes what it takes for the logs of dead pods: the others' logs.
    podLogsDir: `${node.folder}/pod-logs`,
    // The disk is the machine's, and its fullness none of this cluster's business.
    evictionHard: { 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
  })
}

export function kubeProxyConfiguration(node: RealNode, kubeconfig: string): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    clusterCIDR: POD_RANGE,
    // The machine's own tables stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    hostnameOverride: node.name,
    iptables: { minSyncPeriod: '0.1s' },
    mode: 'iptables',
    oomScoreAdj: 0,
  })
}
