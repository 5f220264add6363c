import type { Cluster } from '../api/cluster.ts'
import type { KubernetesObject } from './kubernetes-object.ts'

/** The account that a member's chart makes for the hub (`hubAccess`), and the Secret with its token. */
export const HUB_ACCOUNT = 'shardnet-hub'
/** Key of the kubeconfig in the Secret of a Cluster. */
const KUBECONFIG_KEY = 'kubeconfig'

/** How the hub reaches a member. */
export interface HubAccess {
  readonly server: string
  /** PEM, in base64. */
  readonly certificateAuthority: string
  /** Name in the server's certificate, where the address is another one. */
  readonly tlsServerName: string | null
  readonly token: string
}

/** What the hub has to know of a member, in the order in which it is applied: the Secret first. */
export function clusterObjects(
  { metadata, spec }: Cluster,
  access: HubAccess,
  namespace: string,
): readonly KubernetesObject[] {
  const { name } = metadata
  const secret = `${name}-kubeconfig`
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secret, namespace },
      type: 'Opaque',
      data: { [KUBECONFIG_KEY]: Buffer.from(kubeconfigOf(name, access)).toString('base64') },
    },
    {
      apiVersion: 'shardnet.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name, namespace },
      spec: { ...spec, kubeconfigSecret: { name: secret, key: KUBECONFIG_KEY } },
    },
  ]
}

/** Clients keep credentials by the user's name, so that is the cluster's too. */
function kubeconfigOf(name: string, access: HubAccess): string {
  const { server, certificateAuthority, tlsServerName, token } = access
  // One that is reached without TLS, such as through a proxy on the same machine, has no certificate.
  const trust = server.startsWith('http:')
    ? { 'insecure-skip-tls-verify': true }
    : { 'certificate-authority-data': certificateAuthority }
  const cluster = {
    server,
    ...trust,
    ...(tlsServerName === null ? {} : { 'tls-server-name': tlsServerName }),
  }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}
