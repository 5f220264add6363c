import type { ShardPlan } from '../plan/shard-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { LABEL, shardLabels, shardSelector } from './labels.ts'
import { gatewayName, PORTS } from './names.ts'

/**
 * The way to one validator from other clusters: a port of the machine that it runs on, and of no other, so that no
 * message takes a second hop.
 */
export function gatewayService(
  shard: ShardPlan,
  validator: number,
  context: BuildContext,
): KubernetesObject {
  const labels = { ...shardLabels(shard), [LABEL.part]: 'gateway' }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(gatewayName(shard, validator), labels, context),
    spec: {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      publishNotReadyAddresses: true,
      selector: {
        ...shardSelector(shard),
        'statefulset.kubernetes.io/pod-name': `${shard.name}-${validator}`,
      },
      ports: [{ name: 'p2p', port: PORTS.p2p, targetPort: 'p2p', protocol: 'TCP' }],
    },
  }
}
