import { setTimeout as delay } from 'node:timers/promises'
import { statusOf } from '../api/cluster-object.ts'
import type { Cluster } from '../api/cluster.ts'
import { ClusterStatus } from '../api/testnet-status.ts'
import { clusterObjects, HUB_ACCOUNT, type HubAccess } from '../objects/cluster-access.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { contextAccess, type ContextAccess } from './cluster-access.ts'
import { objectPath, RESOURCES, resourceOf } from './resource.ts'

export interface JoinRequest {
  /** What is to be said of the member; its Secret is made here. */
  readonly cluster: Cluster
  /** Of the hub's Testnets, and of the member's operator. */
  readonly namespace: string
  /** Of the kubeconfig: the member. */
  readonly context: string
  /** Of the kubeconfig: the hub; null is the current one. */
  readonly hubContext: string | null
  /** Where the hub finds the member's API server; null where the context finds it. */
  readonly server: string | null
  readonly timeoutMs: number
  readonly say: (line: string) => void
}

/** A member that cannot be joined as it is. One sentence for people. */
class JoinError extends Error {
  override readonly name = 'JoinError'
}

const LOOK_EVERY_MS = 500
/** Kubernetes fills a new Secret of an account within a moment. */
const TOKEN_WITHIN_MS = 10_000
const MANAGER = 'shardnet-join'

/**
 * Tells a hub of a member cluster, whose chart made an account for it, and waits until the hub reaches it. Doing it again
 * changes nothing but what changed.
 * @returns what the hub says of it, in words; false when it did not reach it in time.
 * @throws {AccessError} {JoinError} {ApiError} one sentence for people.
 */
export async function joinCluster(
  request: JoinRequest,
): Promise<{ readonly isReached: boolean; readonly words: string }> {
  const { cluster, namespace, context, hubContext, say } = request
  const { name } = cluster.metadata
  const member = await contextAccess(context)
  const hub = await contextAccess(hubContext)
  if (hub.context === context)
    throw new JoinError(
      `Context ${context} is the current one, and so the hub: name the hub by --hub-context, or another context.`,
    )
  const access = await hubAccessIn(member, request)
  const client = new ApiClient(hub.access)
  for (const object of clusterObjects(cluster, access, namespace)) await apply(client, object, hub)
  say(`The hub (context ${hub.context}) was told how to reach ${access.server}.`)
  const endMs = performance.now() + request.timeoutMs
  const path = objectPath(RESOURCES.clusters, { namespace, name })
  for (;;) {
    const object = (await client.request({ verb: 'get', path })) as KubernetesObject
    const { conditions = [] } = statusOf(ClusterStatus, object)
    const ready = conditions.find(({ type }) => type === 'Ready')
    const isNew = ready?.observedGeneration === object.metadata.generation
    if (isNew && ready?.status === 'True') return { isReached: true, words: ready.message }
    if (performance.now() > endMs)
      return {
        isReached: false,
        words:
          ready === undefined || !isNew
            ? `No hub has looked at it: is an operator with role hub or both at work in namespace ${namespace} of context ${hub.context}?`
            : ready.message,
      }
    await delay(LOOK_EVERY_MS)
  }
}

/** The account of the hub in a member. */
async function hubAccessIn(
  member: ContextAccess,
  { namespace, context, server }: JoinRequest,
): Promise<HubAccess> {
  const client = new ApiClient(member.access)
  const endMs = performance.now() + TOKEN_WITHIN_MS
  for (;;) {
    const { token, 'ca.crt': ownAuthority } = await tokenSecret(client, namespace, context)
    if (token !== undefined && ownAuthority !== undefined)
      return {
        server: server ?? member.access.server,
        certificateAuthority:
          server === null ? (member.certificateAuthority ?? ownAuthority) : ownAuthority,
        tlsServerName: server === null ? member.tlsServerName : null,
        token: Buffer.from(token, 'base64').toString(),
      }
    if (performance.now() > endMs) {
      throw new JoinError(
        `The Secret ${HUB_ACCOUNT} in namespace ${namespace} of context ${context} has no token: Kubernetes did not fill it in.`,
      )
    }
    await delay(LOOK_EVERY_MS)
  }
}

async function tokenSecret(
  client: ApiClient,
  namespace: string,
  context: string,
): Promise<Readonly<Record<string, string>>> {
  try {
    const path = objectPath(RESOURCES.secrets, { namespace, name: HUB_ACCOUNT })
    const { data = {} } = (await client.request({ verb: 'get', path })) as KubernetesObject
    return data as Readonly<Record<string, string>>
  } catch (error) {
    if (!isApiError(error, 404)) throw error
    throw new JoinError(
      `There is no account for a hub in namespace ${namespace} of context ${context}: install the operator there with ` +
        '--set role=member --set gateways=true --set hubAccess=true.',
      { cause: error },
    )
  }
}

async function apply(
  client: ApiClient,
  object: KubernetesObject,
  { context }: ContextAccess,
): Promise<void> {
  try {
    await client.request({
      verb: 'patch',
      path: objectPath(resourceOf(object), object.metadata),
      query: { fieldManager: MANAGER, force: 'true', fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: object,
    })
  } catch (error) {
    if (!isApiError(error, 404) || object.kind !== 'Cluster') throw error
    throw new JoinError(
      `Context ${context} is no hub: it does not know the kind Cluster. Install shardnet-crds and shardnet-operator there first.`,
      { cause: error },
    )
  }
}
