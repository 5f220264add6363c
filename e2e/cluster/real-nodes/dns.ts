import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Processes, StartOptions } from '../process/processes.ts'
import { DNS_SERVICE_ADDRESS, LAN_ADDRESS } from './addresses.ts'

/** Names of services and pods, from a CoreDNS that runs beside the nodes instead of on them. */
export async function startDns(
  tools: string,
  processes: Processes,
  kubeconfig: string,
  inside: StartOptions,
): Promise<void> {
  const access = join(processes.folder, 'dns.kubeconfig')
  const corefile = join(processes.folder, 'Corefile')
  await writeFile(access, kubeconfig, { mode: 0o600 })
  await writeFile(corefile, corefileText(access))
  processes.start('coredns', [join(tools, 'coredns'), '-conf', corefile], inside)
}

/** No cache and a life of one second: a pod that moves is found at once. */
function corefileText(kubeconfig: string): string {
  return [
    '.:53 {',
    '  errors',
    '  kubernetes cluster.local in-addr.arpa {',
    `    kubeconfig ${kubeconfig}`,
    '    pods insecure',
    '    ttl 1',
    '  }',
    '}',
    '',
  ].join('\n')
}

const namespace = 'kube-system'
const ports = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
]

/** The Service that pods are told to ask; it selects nothing, and its one endpoint is written by hand. */
export const dnsService = [
  {
    path: `/api/v1/namespaces/${namespace}/services/kube-dns`,
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace },
      spec: { clusterIP: DNS_SERVICE_ADDRESS, ports },
    },
  },
  {
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/kube-dns`,
    body: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kube-dns',
        namespace,
        labels: { 'kubernetes.io/service-name': 'kube-dns' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [LAN_ADDRESS], conditions: { ready: true } }],
      ports,
    },
  },
] as const
