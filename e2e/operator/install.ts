import { join } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { SHARDNET_IMAGE } from '../image/image-archive.ts'

const CHARTS = join(import.meta.dirname, '..', '..', 'charts')
export const RELEASE = 'shardnet-operator'

export interface Installation {
  /** Of the release; testnets live there as well unless `namespaces` says otherwise. */
  readonly namespace: string
  readonly values?: Readonly<Record<string, string | number | boolean>>
}

/** Installs kinds and operator as a user does: two charts, one command each. */
export async function install(
  cluster: Cluster,
  { namespace, values = {} }: Installation,
): Promise<void> {
  const [repository = '', tag = ''] = SHARDNET_IMAGE.split(':')
  const settings = { 'image.repository': repository, 'image.tag': tag, ...values }
  await cluster.mustRun('helm', [
    'upgrade',
    '--install',
    'shardnet-crds',
    join(CHARTS, 'shardnet-crds'),
  ])
  const kinds = ['wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s']
  await cluster.mustRun('kubectl', kinds)
  await cluster.mustRun('helm', [
    ...['upgrade', '--install', RELEASE, join(CHARTS, 'shardnet-operator')],
    ...['--namespace', namespace, '--create-namespace'],
    ...Object.entries(settings).map(
      ([name, value]) => `--set-json=${name}=${JSON.stringify(value)}`,
    ),
  ])
}

/** A token of the operator's own service account: what runs with it has the chart's rights and no others. */
export async function operatorToken(cluster: Cluster, namespace: string): Promise<string> {
  const words = ['create', 'token', RELEASE, '--namespace', namespace, '--duration=4h']
  return (await cluster.mustRun('kubectl', words)).trim()
}
