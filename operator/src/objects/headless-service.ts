import type { ShardPlan } from '../plan/shard-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { shardLabels, shardSelector } from './labels.ts'
import { PORTS } from './names.ts'

/**
 * The Service that gives each validator of a set its name. Validators that are not ready have one too: a quorum has to
 * find itself before any of it is ready.
 */
export function headlessService(shard: ShardPlan, context: BuildContext): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(shard.name, shardLabels(shard), context),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: shardSelector(shard),
      ports: [
        { name: 'p2p', port: PORTS.p2p, targetPort: 'p2p', protocol: 'TCP' },
        { name: 'http', port: PORTS.http, targetPort: 'http', protocol: 'TCP' },
      ],
    },
  }
}
