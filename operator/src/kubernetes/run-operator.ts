import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { OperatorConfig } from '../operator-config.ts'
import { isApiError } from './api-error.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { ClusterSession, OURS, type SessionOptions } from './cluster-session.ts'
import { EventRecorder } from './event-recorder.ts'
import { HealthServer } from './health-server.ts'
import { HubRole } from './hub-role.ts'
import { Lease, leaseTiming } from './lease.ts'
import { memberRole } from './member-role.ts'
import { OperatorMetrics } from './operator-metrics.ts'
import { collectionPath, RESOURCES } from './resource.ts'
import type { Role } from './role.ts'

export interface OperatorOptions {
  readonly config: OperatorConfig
  readonly access: ClusterAccess
  readonly logger: Logger
  /** Resolves when it should end, with the reason. */
  readonly stopped: Promise<string>
}

/** What is missing before an operator can begin. One sentence for people. */
class OperatorError extends Error {
  override readonly name = 'OperatorError'
}

/** A watch that nothing was heard of for so long is not coming back by itself. */
const WATCH_AGE_MS_MAX = 900_000
const LAST_WRITES_MS = 5_000
/** How long a start waits for an API server that does not answer as it should. */
const ANSWER_MS_MAX = 60_000
const ANSWER_PAUSE_MS = 250

/**
 * Runs an operator until it is asked to stop or loses its lease. Copies are kept from the start, so that a replica that
 * takes over knows everything at once.
 * @throws {OperatorError} when the cluster lacks what it needs.
 */
export async function runOperator(options: OperatorOptions): Promise<void> {
  const { config, access, logger, stopped } = options
  const metrics = new OperatorMetrics()
  const identity = `${config.identity}_${randomUUID()}`
  let isLeading = false
  const mayWrite = (): boolean => isLeading && lease.isHeld
  const sessionOptions: Omit<SessionOptions, 'access' | 'namespaces'> = {
    metrics,
    mayWrite,
    instead: undefined,
    onError: (what, error) => logger.warn({ reason: error.reason }, `${what}: ${error.message}`),
  }
  const session = new ClusterSession({
    ...sessionOptions,
    access,
    namespaces: namespacesOf(config),
  })
  if (!(await hasKinds(session, stopped, logger))) return
  const lease = new Lease({
    client: session.client,
    namespace: config.namespace,
    name: config.lease,
    identity,
    onError: (error) => logger.warn(`the lease could not be read or written: ${wordsOf(error)}`),
    timing: leaseTiming(config.leaseSeconds),
  })
  const roles = createRoles({
    config,
    session,
    metrics,
    identity,
    logger,
    mayWrite,
    sessionOptions,
  })
  session.start()
  const server = await HealthServer.start(config.httpPort, {
    notLive: () =>
      metrics.oldestWatchMs > WATCH_AGE_MS_MAX ? 'nothing was heard of the API server' : null,
    notReady: () => (session.isSynced ? null : 'the first lists are not complete'),
    metrics: () => {
      metrics.handles.isLeader.set(mayWrite() ? 1 : 0)
      return metrics.render()
    },
  })
  logger.info({ identity, port: server.port, server: access.server }, 'started')
  const lost = new Promise<string>((resolve) => {
    const lead = async (): Promise<void> => {
      await session.synced()
      await lease.acquire(() => resolve('the lease was lost'))
      isLeading = true
      logger.info({ identity }, 'leading')
      for (const role of roles) role.begin()
    }
    void lead()
  })
  const reason = await Promise.race([stopped, lost])
  logger.info({ reason }, 'stopping')
  await Promise.race([
    Promise.all(roles.map((role) => role.stop())),
    new Promise((resolve) => setTimeout(resolve, LAST_WRITES_MS).unref()),
  ])
  isLeading = false
  await lease.release()
  await Promise.all([session.stop(), server.stop()])
}

interface RolesContext {
  readonly config: OperatorConfig
  readonly session: ClusterSession
  readonly metrics: OperatorMetrics
  readonly identity: string
  readonly logger: Logger
  readonly mayWrite: () => boolean
  readonly sessionOptions: Omit<SessionOptions, 'access' | 'namespaces'>
}

/** The roles of a configuration, over one session. */
export function createRoles(context: RolesContext): readonly Role[] {
  const { config, session, metrics, identity, logger, mayWrite } = context
  const shards = session.follow(RESOURCES.shards, { labelSelector: OURS })
  const events = new EventRecorder({
    client: session.client,
    reporter: 'operator',
    instance: identity,
    mayWrite,
    onError: (error) => logger.warn(`an event could not be written: ${wordsOf(error)}`),
  })
  const shared = {
    session,
    metrics,
    events,
    logger,
    workers: config.workers,
    defaultImage: config.image,
  }
  const { cacheFolder, nodePorts, role } = config
  const sessions = context.sessionOptions
  const hub =
    role === 'member' ? [] : [new HubRole({ ...shared, cacheFolder, nodePorts, sessions }, shards)]
  const member = role === 'hub' ? [] : memberRole(shared, shards)
  return [...hub, ...member]
}

/** Null is all of them. */
export function namespacesOf({ namespaces }: OperatorConfig): readonly string[] | null {
  return namespaces.length === 0 ? null : namespaces
}

/**
 * An API server that is busy, starting or out of reach for a moment is waited for; what somebody has to mend is told at once.
 * False when the operator was asked to stop meanwhile.
 * @throws {OperatorError} when the kinds are not installed, or nothing useful is answered for a minute.
 */
async function hasKinds(
  session: ClusterSession,
  stopped: Promise<string>,
  logger: Logger,
): Promise<boolean> {
  const endMs = performance.now() + ANSWER_MS_MAX
  for (let pauseMs = ANSWER_PAUSE_MS; ; pauseMs *= 2) {
    try {
      await checkKinds(session)
      return true
    } catch (error) {
      const cause = error instanceof OperatorError ? error.cause : error
      const isPassing = isApiError(cause) && cause.isTransient && cause.status !== 401
      if (!isPassing || performance.now() + pauseMs > endMs) throw error
      logger.warn({ retryMs: pauseMs }, `the API server is waited for: ${wordsOf(error)}`)
      const waited = new Promise<null>((resolve) => setTimeout(resolve, pauseMs, null))
      if ((await Promise.race([stopped, waited])) !== null) return false
    }
  }
}

/** @throws {OperatorError} when the kinds are not installed, or nothing answers. */
export async function checkKinds(session: ClusterSession): Promise<void> {
  const [namespace = null] = session.namespaces ?? []
  try {
    const path = collectionPath(RESOURCES.shards, namespace)
    await session.client.request({ verb: 'list', path, query: { limit: '1' } })
  } catch (error) {
    if (isApiError(error, 404)) {
      throw new OperatorError(
        'The cluster does not know the kinds of shardnet.dev/v1alpha1: install the chart shardnet-crds first.',
        { cause: error },
      )
    }
    if (isApiError(error)) throw new OperatorError(sentence(error.message), { cause: error })
    throw error
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
