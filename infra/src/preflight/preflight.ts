import type { Problem } from '../config/problem.ts'
import { keyOf } from '../config/problem.ts'
import type { CloudConfig, StackConfig } from '../config/stack-config.ts'
import { checkKubeconfig } from './kubeconfig-check.ts'

/** What was learned about the clouds before anything is made. */
export interface Preflight {
  readonly problems: readonly Problem[]
  /** Texts of the kubeconfigs of existing clusters, by the index of their entry. */
  readonly kubeconfigs: ReadonlyMap<number, string>
}

/** Asks every cloud who we are and every existing cluster for its version. All at once; nothing is changed by it. */
export async function preflight({ clouds }: StackConfig): Promise<Preflight> {
  const kubeconfigs = new Map<number, string>()
  const found = await Promise.all(
    clouds.map(async (cloud, index): Promise<readonly Problem[]> => {
      if (cloud.cloud === 'existing') {
        const checked = await checkKubeconfig(cloud.kubeconfigFile)
        if (checked.kind === 'problem')
          return [{ key: keyOf(['clouds', index, 'kubeconfigFile']), text: checked.problem }]
        kubeconfigs.set(index, checked.text)
        return []
      }
      const refusal = await credentialsRefusal(cloud)
      return refusal === null
        ? []
        : [
            {
              key: keyOf(['clouds', index]),
              text: `${cloud.cloud} does not take our credentials: ${refusal}`,
            },
          ]
    }),
  )
  return { problems: found.flat(), kubeconfigs }
}

/** Null when the cloud knows us. Each SDK is loaded only when its cloud is used: they are heavy. */
async function credentialsRefusal(
  cloud: Exclude<CloudConfig, { cloud: 'existing' }>,
): Promise<string | null> {
  try {
    switch (cloud.cloud) {
      case 'aws': {
        const { getCallerIdentity } = await import('@pulumi/aws/getCallerIdentity.js')
        await getCallerIdentity({})
        return null
      }
      case 'gcp': {
        const { getClientConfig } = await import('@pulumi/gcp/organizations/index.js')
        await getClientConfig()
        return null
      }
      case 'azure': {
        const { getClientConfig } = await import('@pulumi/azure-native/authorization/index.js')
        await getClientConfig()
        return null
      }
    }
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'refused') : String(error)
  }
}
