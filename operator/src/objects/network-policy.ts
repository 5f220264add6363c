import type { NetworkPlan } from '../plan/network-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { LABEL, networkLabels } from './labels.ts'
import { networkName, PORTS } from './names.ts'

/** Namespaces with this label may read metrics and call validators: a monitoring namespace, for instance. */
const ACCESS_LABEL = 'shardnet.dev/access'
/** The range that the API servers of other clusters take NodePorts from. */
export interface NodePorts {
  readonly port: number
  readonly endPort: number
}

/** Who may talk to the validators of a network, and whom they may talk to. */
export function networkPolicy(
  network: NetworkPlan,
  gateways: NodePorts | null,
  context: BuildContext,
): KubernetesObject {
  const validators = {
    [LABEL.testnet]: network.testnet,
    [LABEL.generation]: String(network.generation),
    'app.kubernetes.io/component': 'validator',
  }
  const peers = [{ podSelector: { matchLabels: validators } }]
  const operator = {
    namespaceSelector: {},
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'shardnet-operator' } },
  }
  const tcp = (port: number) => [{ protocol: 'TCP', port }]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(networkName(network), networkLabels(network), context),
    spec: {
      podSelector: { matchLabels: validators },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        gateways !== null ? { ports: tcp(PORTS.p2p) } : { from: peers, ports: tcp(PORTS.p2p) },
        {
          from: [
            { podSelector: { matchLabels: { [LABEL.testnet]: network.testnet } } },
            { namespaceSelector: { matchLabels: { [ACCESS_LABEL]: 'true' } } },
            operator,
          ],
          ports: tcp(PORTS.http),
        },
        { from: [operator], ports: tcp(PORTS.admin) },
      ],
      egress: [
        { to: peers, ports: tcp(PORTS.p2p) },
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
        ...(gateways === null ? [] : [{ ports: [{ protocol: 'TCP', ...gateways }] }]),
      ],
    },
  }
}
