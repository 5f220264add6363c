import { checkDocument, hasProblems } from '@shardnet/operator/api'
import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { InputError } from '../input-error.ts'

interface JoinFlags {
  readonly context?: string
  readonly hubContext?: string
  readonly namespace?: string
  readonly server?: string
  readonly cloud?: string
  readonly region?: string
  readonly capacity?: string
  readonly pricePerHour?: string
  readonly timeout: string
}

const flagOfPath: Readonly<Record<string, string>> = {
  'metadata.name': 'NAME',
  'spec.cloud': '--cloud',
  'spec.region': '--region',
  'spec.capacity.validators': '--capacity',
  'spec.pricePerHour': '--price-per-hour',
}

/** `shardnet join`: one more cluster for the testnets of a hub. */
export function addJoin(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('join')
    .argument('<NAME>', 'name of the Cluster, for spec.placement.clusters of testnets')
    .option('--context <NAME>', 'context of the kubeconfig: the cluster that joins')
    .option('--hub-context <NAME>', 'context of the hub (default: the current one)')
    .option('--namespace <NAME>', 'of the testnets, in both clusters (default: default)')
    .option('--server <URL>', 'where the hub finds its API server (default: as the context does)')
    .option('--cloud <NAME>', 'who runs it: aws, gcp, azure or other')
    .option('--region <NAME>', 'where it is')
    .option('--capacity <N>', 'most validators placed there')
    .option('--price-per-hour <USD>', 'price of an hour of it')
    .option('--timeout <SECONDS>', 'how long to wait until the hub reaches it', '60')
    .description('let a hub place shards in another cluster')
    .action(async (name: string, flags: JoinFlags) => end(await join(name, flags)))
}

async function join(name: string, flags: JoinFlags): Promise<ExitCode> {
  const { context, hubContext, namespace = 'default', server } = flags
  const problems: string[] = []
  if (context === undefined)
    problems.push('--context: expected the context of the cluster that joins, got nothing')
  else if (context === hubContext)
    problems.push(
      `--hub-context: expected another context than --context, got ${context}: a hub reaches its own cluster by itself`,
    )
  if (server !== undefined && !isServer(server))
    problems.push(`--server: expected a URL such as https://10.0.0.1:6443, got ${server}`)
  if (!/^[1-9]\d{0,4}$/.test(flags.timeout))
    problems.push(`--timeout: expected whole seconds of at least 1, got ${flags.timeout}`)
  const cluster = clusterOf(name, flags, problems)
  if (cluster === null || context === undefined || problems.length > 0)
    throw new InputError(problems)
  const { joinCluster } = await import('@shardnet/operator/run')
  const { isReached, words } = await joinCluster({
    cluster,
    namespace,
    context,
    hubContext: hubContext ?? null,
    server: server?.replace(/\/+$/, '') ?? null,
    timeoutMs: Number(flags.timeout) * 1_000,
    say: (line) => void process.stdout.write(`${line}\n`),
  })
  if (!isReached) {
    process.stderr.write(`shardnet: the hub does not reach ${name} yet. ${words}\n`)
    return exitCode.platformFailed
  }
  process.stdout.write(`The hub reaches ${name}. ${words} Testnets run there by:\n`)
  process.stdout.write(`  spec: { placement: { clusters: [{ name: ${name} }] } }\n`)
  return exitCode.passed
}

function isServer(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:'
}

function clusterOf(name: string, flags: JoinFlags, problems: string[]) {
  const { cloud, region, capacity, pricePerHour } = flags
  const validators = /^\d{1,15}$/.test(capacity ?? '') ? Number(capacity) : capacity
  const checked = checkDocument({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name },
    spec: {
      ...(cloud === undefined ? {} : { cloud }),
      ...(region === undefined ? {} : { region }),
      ...(capacity === undefined ? {} : { capacity: { validators } }),
      ...(pricePerHour === undefined ? {} : { pricePerHour }),
    },
  })
  if (!hasProblems(checked)) return checked.kind === 'Cluster' ? checked : null
  for (const { path, expected, got } of checked)
    problems.push(`${flagOfPath[path] ?? path}: expected ${expected}, got ${got}`)
  return null
}
