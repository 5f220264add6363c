import type { ApiClient } from '../cluster/api/api-client.ts'

/** How often objects of each resource were applied, such as `shards/status`: of a rehearsal's programs only operators apply. */
export type Applied = ReadonlyMap<string, number>

const SAMPLE = /^apiserver_request_total\{(.*)\} (\S+)$/

/** Counts of several API servers together, by their own metrics. */
export async function appliedIn(apis: readonly ApiClient[]): Promise<Applied> {
  const texts = await Promise.all(
    apis.map(async (api) => String(await api.must({ path: '/metrics' }))),
  )
  const counts = new Map<string, number>()
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const [, labelText = '', value = ''] = SAMPLE.exec(line) ?? []
    const labels = new Map(
      [...labelText.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text]),
    )
    if (labels.get('verb') !== 'APPLY') continue
    const name = [labels.get('resource'), labels.get('subresource')].filter(Boolean).join('/')
    counts.set(name, (counts.get(name) ?? 0) + Number(value))
  }
  return counts
}

/** What was applied between two counts, most first. */
export function appliedBetween(before: Applied, after: Applied): Readonly<Record<string, number>> {
  const grown = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
  const told = grown.filter(([, count]) => count > 0)
  return Object.fromEntries(told.sort((one, other) => other[1] - one[1]))
}
