import type { Logger } from 'pino'
import { stringify } from 'yaml'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import type { OperatorConfig } from '../operator-config.ts'
import { isApiError } from './api-error.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { ClusterSession } from './cluster-session.ts'
import { diffOf } from './diff.ts'
import { OperatorMetrics } from './operator-metrics.ts'
import { objectPath, resourceOf } from './resource.ts'
import { checkKinds, createRoles, namespacesOf } from './run-operator.ts'
import type { PlannedWrite } from './writer.ts'

export interface DryRunOptions {
  readonly config: OperatorConfig
  readonly access: ClusterAccess
  readonly logger: Logger
}

/** What the operator would write next, as a diff against what is there. Nothing is written. */
export async function printPlan({ config, access, logger }: DryRunOptions): Promise<string> {
  const metrics = new OperatorMetrics()
  const writes: PlannedWrite[] = []
  const sessionOptions = {
    metrics,
    mayWrite: () => false,
    instead: (write: PlannedWrite) => void writes.push(write),
    onError: (what: string, error: Error) => logger.warn(`${what}: ${error.message}`),
  }
  const session = new ClusterSession({
    ...sessionOptions,
    access,
    namespaces: namespacesOf(config),
  })
  await checkKinds(session)
  const roles = createRoles({
    config,
    session,
    metrics,
    identity: 'dry-run',
    logger,
    mayWrite: () => false,
    sessionOptions,
  })
  session.start()
  await session.synced()
  for (const role of roles) await role.once()
  const texts = await Promise.all(writes.map((write) => textOf(write, session)))
  await Promise.all(roles.map((role) => role.stop()))
  await session.stop()
  const shown = texts.filter((text) => text !== '')
  return shown.length === 0 ? 'Nothing to do.\n' : `${shown.join('\n')}\n`
}

async function textOf({ verb, object }: PlannedWrite, session: ClusterSession): Promise<string> {
  const { namespace = '', name } = object.metadata
  const title = `${verb} ${object.kind} ${namespace}/${name}`
  if (verb !== 'apply') return title
  const wanted = object as KubernetesObject
  const found = await findOf(wanted, session)
  const lines = diffOf(shown(found === null ? {} : onlyOurs(wanted, found)), shown(wanted))
  return lines.length === 0 ? '' : [title, ...lines.map((line) => `  ${line}`)].join('\n')
}

async function findOf(
  object: KubernetesObject,
  { client }: ClusterSession,
): Promise<KubernetesObject | null> {
  try {
    const path = objectPath(resourceOf(object), object.metadata)
    return (await client.request({ verb: 'get', path })) as KubernetesObject
  } catch (error) {
    if (isApiError(error, 404)) return null
    throw error
  }
}

/** Of what was found, the fields that we would write. */
function onlyOurs(wanted: unknown, found: unknown): unknown {
  if (Array.isArray(wanted) && Array.isArray(found)) {
    return found.map((each: unknown, index) => onlyOurs(wanted[index] ?? each, each))
  }
  const isBoth = [wanted, found].every(
    (each) => typeof each === 'object' && each !== null && !Array.isArray(each),
  )
  if (!isBoth) return found
  const fields = Object.entries(wanted as object).flatMap(([name, value]) => {
    const there: unknown = Reflect.get(found as object, name)
    return there === undefined ? [] : [[name, onlyOurs(value, there)] as const]
  })
  return Object.fromEntries(fields)
}

const LINE_CHARACTERS = 120

/** As YAML; of Secrets and of compressed bytes, nothing. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return ''
  const hidden = { ...(value as Record<string, unknown>) }
  if (hidden['kind'] === 'Secret' && hidden['data'] !== undefined) hidden['data'] = '(hidden)'
  if (hidden['binaryData'] !== undefined) hidden['binaryData'] = '(compressed)'
  return stringify(hidden, { lineWidth: LINE_CHARACTERS, aliasDuplicateObjects: false })
}
