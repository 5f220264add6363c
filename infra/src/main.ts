import * as pulumi from '@pulumi/pulumi'
import { makeCluster } from './clusters/make-cluster.ts'
import { parseConfig, roomOf } from './config/parse-config.ts'
import { problemsText } from './config/problem.ts'
import { readStackConfig } from './config/read-config.ts'
import { clusterNameOf, type StackConfig } from './config/stack-config.ts'
import { estimate, estimateText, type Estimate } from './cost/estimate.ts'
import { LaunchedTestnet, type Member } from './platform/launch-testnet.ts'
import { Platform } from './platform/platform.ts'
import { preflight } from './preflight/preflight.ts'

/** Everything that `pulumi up` does. What can be known to be wrong is said before the first resource. */
export async function program(): Promise<Record<string, unknown>> {
  const parsed = parseConfig(readStackConfig())
  if (parsed.kind === 'problems') throw new pulumi.RunError(problemsText(parsed.problems))
  const { config } = parsed
  const estimated = estimateOf(config)
  await pulumi.log.info(estimateText(estimated))
  if (config.estimateOnly) return { usdPerHour: estimated.usdPerHour }
  const { problems, kubeconfigs } = await preflight(config)
  if (problems.length > 0) throw new pulumi.RunError(problemsText(problems))
  return launch(config, kubeconfigs, estimated)
}

/** Of a configuration in which everything has a price. */
function estimateOf(config: StackConfig): Estimate {
  const estimated = estimate(config)
  if (estimated.kind === 'unpriced') throw new Error('a checked configuration has prices')
  return estimated.estimate
}

async function launch(
  config: StackConfig,
  kubeconfigs: ReadonlyMap<number, string>,
  estimated: Estimate,
): Promise<Record<string, unknown>> {
  const names = config.clouds.map(clusterNameOf)
  const hubName = config.hub ?? names[0] ?? ''
  const clusters = await Promise.all(
    config.clouds.map((_, index) => makeCluster(config, index, kubeconfigs.get(index))),
  )
  const members = config.clouds.map((cloud, index): Member => {
    const name = clusterNameOf(cloud)
    const cluster = clusters[index]
    if (cluster === undefined) throw new Error(`no cluster was made of entry ${index}`)
    return {
      name,
      cloud: cluster.cloud,
      region: cluster.region,
      validatorsMax: roomOf(cloud),
      usdPerHour: estimated.clusters.find((each) => each.name === name)?.usdPerHour ?? 0,
      platform: new Platform(`${name}-platform`, {
        cluster,
        role: name === hubName ? 'both' : 'member',
        hasPeers: config.clouds.length > 1,
        image: config.image,
        monitoring: config.monitoring
          ? {
              testnet: config.testnet.name,
              pricePerHour: estimated.usdPerHour,
              budget: config.budget.usd,
            }
          : null,
      }),
    }
  })
  const hub = members.find(({ name }) => name === hubName)
  if (hub === undefined) throw new Error(`no member is called ${hubName}`)
  new LaunchedTestnet(config.testnet.name, { config, members, hub: hub.platform })
  return {
    testnet: config.testnet.name,
    hub: hubName,
    usdPerHour: estimated.usdPerHour,
    pricesOf: estimated.asOf,
    kubeconfigs: Object.fromEntries(
      members.map(({ name }, index) => [name, clusters[index]?.kubeconfig]),
    ),
    dashboards: config.monitoring
      ? 'kubectl -n shardnet-monitoring port-forward svc/shardnet-monitoring-grafana 3000, then http://127.0.0.1:3000/d/shardnet-overview'
      : null,
  }
}
