import { parse, stringify } from 'yaml'
import type { ApiAccess } from './api-client.ts'

/**
 * A kubeconfig of one cluster and one user. Both carry the cluster's name: clients keep credentials by user name, so
 * equal names in two files would mix two clusters up.
 */
export function kubeconfigText(name: string, access: ApiAccess, tlsServerName?: string): string {
  const trust = access.url.startsWith('http:')
    ? { 'insecure-skip-tls-verify': true }
    : {
        'certificate-authority-data': Buffer.from(access.certificateAuthority).toString('base64'),
      }
  const cluster = {
    server: access.url,
    ...trust,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
  }
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name: `${name}-admin`, user: { token: access.token } }],
    contexts: [{ name, context: { cluster: name, user: `${name}-admin` } }],
    'current-context': name,
  })
}

/** The access that a kubeconfig of `kubeconfigText` gives. */
export function readKubeconfig(text: string): ApiAccess {
  const { clusters, users } = parse(text) as {
    readonly clusters: readonly {
      readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string }
    }[]
    readonly users: readonly { readonly user: { readonly token?: string } }[]
  }
  const cluster = clusters[0]?.cluster
  const authority = cluster?.['certificate-authority-data'] ?? ''
  return {
    url: cluster?.server ?? '',
    certificateAuthority: Buffer.from(authority, 'base64').toString('utf8'),
    token: users[0]?.user.token ?? '',
  }
}
