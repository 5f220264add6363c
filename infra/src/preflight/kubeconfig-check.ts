import { readFile } from 'node:fs/promises'
import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { parse } from 'yaml'
import { z } from 'zod'

const TIMEOUT_MS = 5_000

const Kubeconfig = z.looseObject({
  'current-context': z.string(),
  contexts: z.array(
    z.looseObject({
      name: z.string(),
      context: z.looseObject({ cluster: z.string(), user: z.string() }),
    }),
  ),
  clusters: z.array(
    z.looseObject({
      name: z.string(),
      cluster: z.looseObject({
        server: z.url(),
        'certificate-authority-data': z.string().optional(),
        'insecure-skip-tls-verify': z.boolean().optional(),
      }),
    }),
  ),
  users: z.array(
    z.looseObject({
      name: z.string(),
      user: z.looseObject({
        token: z.string().optional(),
        'client-certificate-data': z.string().optional(),
        'client-key-data': z.string().optional(),
      }),
    }),
  ),
})

/** A kubeconfig that answers, or the one sentence that says why it does not. */
export type KubeconfigCheck =
  | { readonly kind: 'answers'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: string }

/** Reads a kubeconfig and asks its cluster for its version, so that nothing is made beside a cluster that cannot be used. */
export async function checkKubeconfig(path: string): Promise<KubeconfigCheck> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return problem(`cannot read ${path}`)
  const parsed = Kubeconfig.safeParse(parseYaml(text))
  if (!parsed.success) return problem(`${path} is no kubeconfig`)
  const config = parsed.data
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster
  const user = config.users.find(({ name }) => name === context?.user)?.user
  if (cluster === undefined || user === undefined)
    return problem(`${path}: its current context names no cluster, or no user`)
  const answer = await versionOf(cluster, user)
  return answer === null ? { kind: 'answers', text } : problem(`${cluster.server}: ${answer}`)
}

type ClusterEntry = z.infer<typeof Kubeconfig>['clusters'][number]['cluster']
type UserEntry = z.infer<typeof Kubeconfig>['users'][number]['user']

/** Null when the API server answers this user. A command that gets credentials is not run: then any answer of the server will do. */
function versionOf(cluster: ClusterEntry, user: UserEntry): Promise<string | null> {
  const bytesOf = (text: string | undefined) =>
    text === undefined ? undefined : Buffer.from(text, 'base64')
  const hasCredentials = user.token !== undefined || user['client-certificate-data'] !== undefined
  const address = new URL('/version', cluster.server)
  // `kubectl proxy` and some test clusters speak plain HTTP.
  const request = address.protocol === 'http:' ? requestPlain : requestSecure
  return new Promise((resolve) => {
    const call = request(
      address,
      {
        ca: bytesOf(cluster['certificate-authority-data']),
        cert: bytesOf(user['client-certificate-data']),
        key: bytesOf(user['client-key-data']),
        rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
        timeout: TIMEOUT_MS,
        headers: user.token === undefined ? {} : { authorization: `Bearer ${user.token}` },
      },
      (response) => {
        response.resume()
        const status = response.statusCode ?? 0
        const isRefused = hasCredentials && (status === 401 || status === 403)
        resolve(isRefused ? `refuses these credentials (${status})` : null)
      },
    )
    call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    call.on('error', ({ message }) => resolve(message))
    call.end()
  })
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    // What is not YAML is no kubeconfig either; the caller says so.
    return null
  }
}

const problem = (text: string): KubeconfigCheck => ({ kind: 'problem', problem: text })
