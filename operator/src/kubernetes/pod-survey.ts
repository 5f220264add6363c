import type { ShardPlan } from '../plan/shard-plan.ts'
import type { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { collectionPath, objectPath, RESOURCES } from './resource.ts'
import { type Pod, podsSelector, readPart } from './shard-pods.ts'

/** What a look at the pods of a set tells: a line of each, and all of those that may be in trouble. */
export interface PodSurvey {
  readonly count: number
  /** On which machine each of them is, by name; those without one are left out. */
  readonly machines: ReadonlyMap<string, string>
  /** A few of each kind of trouble. */
  readonly suspects: readonly Pod[]
}

/** Takes a survey, once a look. */
export type Survey = () => Promise<PodSurvey>

/** As `kubectl get pods` asks: a few hundred bytes of a pod, which is six kilobytes. */
const AS_TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const NO_MACHINE = '<none>'
/** Words in the column STATUS of pods that work or are on their way. */
const CALM: ReadonlySet<string> = new Set([
  'Running',
  'ContainerCreating',
  'PodInitializing',
  'Terminating',
  'Completed',
])
const SUSPECTS_PER_STATUS = 3

interface Table {
  readonly columnDefinitions?: readonly { readonly name: string }[]
  readonly rows?: readonly { readonly cells: readonly (string | number | null)[] }[]
}

interface PodLine {
  readonly name: string
  readonly status: string
  readonly machine: string | null
}

/** From what the API server has at hand, which may be a moment old: nothing is taken away by it. @throws ApiError */
export async function surveyPods(
  client: ApiClient,
  namespace: string,
  shard: ShardPlan,
): Promise<PodSurvey> {
  const table = (await client.request({
    verb: 'list',
    path: collectionPath(RESOURCES.pods, namespace),
    query: { labelSelector: podsSelector(shard), includeObject: 'None', resourceVersion: '0' },
    accept: AS_TABLE,
  })) as Table
  const lines = linesOf(table)
  const found = await Promise.all(
    suspectsAmong(lines).map((name) => podOf(client, namespace, name)),
  )
  return {
    count: lines.length,
    machines: new Map(
      lines.flatMap(({ name, machine }) => (machine === null ? [] : [[name, machine] as const])),
    ),
    suspects: found.flat(),
  }
}

function linesOf({ columnDefinitions = [], rows = [] }: Table): readonly PodLine[] {
  const columns = columnDefinitions.map(({ name }) => name)
  const [nameAt, statusAt, nodeAt] = ['Name', 'Status', 'Node'].map((name) => columns.indexOf(name))
  return rows.map(({ cells }) => {
    const machine = String(cells[nodeAt ?? -1] ?? NO_MACHINE)
    return {
      name: String(cells[nameAt ?? -1]),
      status: String(cells[statusAt ?? -1]),
      machine: machine === NO_MACHINE ? null : machine,
    }
  })
}

/** One that has a machine and waits for it to begin is none. */
function suspectsAmong(lines: readonly PodLine[]): readonly string[] {
  const names = new Map<string, string[]>()
  for (const { name, status, machine } of lines) {
    if (CALM.has(status) || (status === 'Pending' && machine !== null)) continue
    const alike = names.get(status) ?? []
    names.set(status, alike)
    if (alike.length < SUSPECTS_PER_STATUS) alike.push(name)
  }
  return [...names.values()].flat()
}

async function podOf(client: ApiClient, namespace: string, name: string): Promise<readonly Pod[]> {
  try {
    const path = objectPath(RESOURCES.pods, { namespace, name })
    return [readPart((await client.request({ verb: 'get', path })) as Pod)]
  } catch (error) {
    if (isApiError(error, 404)) return []
    throw error
  }
}
