import { stringify } from 'yaml'
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
