import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Cluster } from '../cluster/cluster.ts'
import { SHARDNET_IMAGE } from '../image/image-archive.ts'
import type { Rule } from './rights-seen.ts'

export const CHARTS = join(import.meta.dirname, '..', '..', 'charts')
export const RELEASE = 'shardnet-operator'

/** By the paths of a chart's values. */
export type Values = Readonly<Record<string, unknown>>

export interface Installation {
  /** Of the release; testnets live there as well unless `namespaces` says otherwise. */
  readonly namespace: string
  /** Several may live in one namespace. Its name has `shardnet-operator` in it. */
  readonly release?: string
  readonly values?: Values
}

/** What a user types, from the root of a clone, and is answered. */
export interface Typed {
  readonly command: string
  readonly answer: string
}

/** Installs kinds and operator as a user does: two charts, one command each. */
export async function install(
  cluster: Cluster,
  { namespace, release = RELEASE, values = {} }: Installation,
): Promise<readonly Typed[]> {
  const [repository = '', tag = ''] = SHARDNET_IMAGE.split(':')
  const settings = { 'image.repository': repository, 'image.tag': tag, ...values }
  const typed: Typed[] = []
  const run = async (program: 'helm' | 'kubectl', ...words: readonly string[]): Promise<void> => {
    const answer = await cluster.mustRun(program, words)
    const command = [program, ...words].join(' ').replaceAll(`${CHARTS}/`, 'charts/')
    typed.push({ command, answer })
  }
  await run('helm', 'upgrade', '--install', 'shardnet-crds', join(CHARTS, 'shardnet-crds'))
  await run('kubectl', 'wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s')
  await run(
    ...(['helm', 'upgrade', '--install', release, join(CHARTS, 'shardnet-operator')] as const),
    ...['--namespace', namespace, '--create-namespace'],
    ...settingsOf(settings),
  )
  return typed
}

/** An object as a chart renders it. */
export interface RenderedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly rules?: readonly Rule[]
}

/** What `helm template` makes of the operator's chart. */
export async function renderOperator(
  cluster: Cluster,
  values: Values,
): Promise<readonly RenderedObject[]> {
  const text = await cluster.mustRun('helm', [
    ...['template', RELEASE, join(CHARTS, 'shardnet-operator'), '--namespace', 'shardnet'],
    ...settingsOf(values),
  ])
  return parseAllDocuments(text).flatMap((document) => (document.toJS() ?? []) as RenderedObject)
}

/** As words of a helm command. */
export function settingsOf(values: Values): readonly string[] {
  return Object.entries(values).map(
    ([name, value]) => `--set-json=${name}=${JSON.stringify(value)}`,
  )
}

/** A token of the operator's own service account: what runs with it has the chart's rights and no others. */
export async function operatorToken(
  cluster: Cluster,
  namespace: string,
  release = RELEASE,
): Promise<string> {
  const words = ['create', 'token', release, '--namespace', namespace, '--duration=4h']
  return (await cluster.mustRun('kubectl', words)).trim()
}
