import { API_ADDRESS_FOR_NODES, SERVICE_RANGE } from '../control-plane/flags.ts'

/** All of it exists inside the cluster's own network namespaces only, so several clusters use the same addresses. */
export const LAN_ADDRESS = API_ADDRESS_FOR_NODES
export const DNS_SERVICE_ADDRESS = '10.96.0.10'
export const POD_RANGE = '10.90.0.0/16'

/** One real node: a network namespace with a kubelet, a containerd and a kube-proxy. */
export interface RealNode {
  readonly name: string
  readonly namespace: string
  readonly address: string
  /** Its pods' addresses. */
  readonly podRange: string
  readonly token: string
  /** Folder of everything that it keeps. */
  readonly folder: string
  /** Its branch of every hierarchy of control groups, without a leading slash. */
  readonly controlGroup: string
}

/** Names of network devices may have 15 bytes. */
export interface LanNames {
  readonly namespace: string
  readonly bridge: string
}

export function lanNames(prefix: string): LanNames {
  return { namespace: `${prefix}-lan`, bridge: 'lan' }
}

/** @param prefix unique on the machine, at most 9 characters. */
export function realNodesOf(
  prefix: string,
  folder: string,
  tokens: readonly string[],
): readonly RealNode[] {
  return tokens.map((token, index) => ({
    name: `node-${index + 1}`,
    namespace: `${prefix}-n${index + 1}`,
    address: `10.89.0.${11 + index}`,
    podRange: `10.90.${index + 1}.0/24`,
    token,
    folder: `${folder}/node-${index + 1}`,
    controlGroup: `${prefix}-n${index + 1}`,
  }))
}

/** Commands of `ip -batch` in the namespace of the network between nodes. */
export function lanCommands(lan: LanNames, nodes: readonly RealNode[]): readonly string[] {
  return [
    'link set lo up',
    `link add ${lan.bridge} type bridge`,
    `address add ${LAN_ADDRESS}/24 dev ${lan.bridge}`,
    `link set ${lan.bridge} up`,
    ...nodes.flatMap(({ name, namespace }) => [
      `link add ${name} type veth peer name eth0 netns ${namespace}`,
      `link set ${name} master ${lan.bridge} up`,
    ]),
  ]
}

/** What the network between nodes can only say once the nodes are up: where pods and services are. */
export function lanRoutes(nodes: readonly RealNode[]): readonly string[] {
  const services = nodes
    .slice(0, 1)
    .map(({ address }) => `route add ${SERVICE_RANGE} via ${address}`)
  return [...services, ...nodes.map((node) => `route add ${node.podRange} via ${node.address}`)]
}

/** Commands of `ip -batch` in the namespace of one node. */
export function nodeCommands(node: RealNode, nodes: readonly RealNode[]): readonly string[] {
  return [
    'link set lo up',
    `address add ${node.address}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${LAN_ADDRESS}`,
    ...nodes
      .filter(({ name }) => name !== node.name)
      .map(({ podRange, address }) => `route add ${podRange} via ${address}`),
  ]
}
