import type { KubeConfig } from '@kubernetes/client-node'
import { readFileSync } from 'node:fs'
import { Agent as HttpAgent, type OutgoingHttpHeaders } from 'node:http'
import { Agent, type RequestOptions } from 'node:https'

/** Options of one request, with certificates and tokens as they are now. */
export type AccessOptions = Omit<RequestOptions, 'headers'> & {
  readonly headers?: OutgoingHttpHeaders
}

/** How requests reach one API server: its address, and certificates and tokens that may change over time. */
export interface ClusterAccess {
  readonly server: string
  readonly requestOptions: () => Promise<AccessOptions>
}

/** A kubeconfig that does not say how to reach an API server. One sentence for people. */
class AccessError extends Error {
  override readonly name = 'AccessError'
}

const CONNECTIONS_MAX = 32
/** The client of Kubernetes keeps credentials by user and cluster name, so each access gets names of its own. */
let accesses = 0

/**
 * The access that a kubeconfig's current context gives. The text may come from a Secret.
 * @throws {AccessError}
 */
export async function accessOfKubeconfig(text: string): Promise<ClusterAccess> {
  const { emptyKubeConfig } = await import('./kube-config.ts')
  const config = emptyKubeConfig()
  try {
    config.loadFromString(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new AccessError(`The kubeconfig cannot be read: ${why}`, { cause: error })
  }
  return accessOf(config)
}

/**
 * The access of this process: `KUBECONFIG`, else the service account of its pod, else `~/.kube/config`.
 * @throws {AccessError}
 */
export async function defaultAccess(): Promise<ClusterAccess> {
  const { emptyKubeConfig } = await import('./kube-config.ts')
  const config = emptyKubeConfig()
  try {
    if (process.env['KUBECONFIG'] === undefined && isInCluster()) config.loadFromCluster()
    else config.loadFromDefault()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new AccessError(`No kubeconfig can be read: ${why}`, { cause: error })
  }
  return accessOf(config)
}

/** A context of the kubeconfig of this machine, with what another program needs to reach the same API server. */
export interface ContextAccess {
  readonly context: string
  readonly access: ClusterAccess
  /** PEM in base64; null where the kubeconfig names none. */
  readonly certificateAuthority: string | null
  readonly tlsServerName: string | null
}

/**
 * The access that a context of `KUBECONFIG` or `~/.kube/config` gives; null is the current one.
 * @throws {AccessError}
 */
export async function contextAccess(context: string | null): Promise<ContextAccess> {
  const { emptyKubeConfig } = await import('./kube-config.ts')
  const config = emptyKubeConfig()
  try {
    config.loadFromDefault()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new AccessError(`No kubeconfig can be read: ${why}`, { cause: error })
  }
  const names = config.getContexts().map(({ name }) => name)
  if (context !== null) {
    if (!names.includes(context)) {
      const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
      throw new AccessError(`The kubeconfig has no context "${context}": ${there}.`)
    }
    config.setCurrentContext(context)
  }
  const access = accessOf(config)
  const cluster = config.getCurrentCluster()
  return {
    context: config.getCurrentContext(),
    access,
    certificateAuthority: authorityOf(cluster),
    tlsServerName: cluster?.tlsServerName ?? null,
  }
}

function authorityOf(cluster: ReturnType<KubeConfig['getCurrentCluster']>): string | null {
  if (cluster?.caData !== undefined) return cluster.caData
  if (cluster?.caFile === undefined) return null
  return readFileSync(cluster.caFile).toString('base64')
}

function isInCluster(): boolean {
  return process.env['KUBERNETES_SERVICE_HOST'] !== undefined
}

function accessOf(config: KubeConfig): ClusterAccess {
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  if (cluster === null || user === null) {
    throw new AccessError(
      `The kubeconfig has no usable context "${config.getCurrentContext()}": set current-context.`,
    )
  }
  accesses += 1
  config.users = [{ ...user, name: `${user.name}#${accesses}` }]
  config.contexts = config.contexts.map((context) =>
    context.name === config.getCurrentContext()
      ? { ...context, user: `${user.name}#${accesses}` }
      : context,
  )
  const keeper = new AgentKeeper(cluster.server.startsWith('http:'), cluster.proxyUrl !== undefined)
  return {
    server: cluster.server.replace(/\/+$/, ''),
    async requestOptions() {
      const headers: OutgoingHttpHeaders = {}
      const options: RequestOptions = { headers }
      await config.applyToHTTPSOptions(options)
      return { ...options, headers, agent: keeper.agentFor(options) }
    },
  }
}

/** Keeps connections open from request to request; certificates that change open new ones. */
class AgentKeeper {
  readonly #isPlain: boolean
  readonly #isProxied: boolean
  #agent: Agent | HttpAgent | null = null
  #madeFor = ''

  constructor(isPlain: boolean, isProxied: boolean) {
    this.#isPlain = isPlain
    this.#isProxied = isProxied
  }

  agentFor(options: RequestOptions): RequestOptions['agent'] {
    if (this.#isProxied) return options.agent
    const { ca, cert, key, rejectUnauthorized, servername } = options
    const madeFor = JSON.stringify([ca, cert, key, rejectUnauthorized, servername])
    if (this.#agent === null || madeFor !== this.#madeFor) {
      const shared = { keepAlive: true, maxSockets: CONNECTIONS_MAX, scheduling: 'lifo' } as const
      this.#agent?.destroy()
      this.#agent = this.#isPlain
        ? new HttpAgent(shared)
        : new Agent({ ...shared, ...tlsOf({ ca, cert, key, rejectUnauthorized, servername }) })
      this.#madeFor = madeFor
    }
    return this.#agent
  }
}

function tlsOf(options: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
