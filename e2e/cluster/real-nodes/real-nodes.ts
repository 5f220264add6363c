import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kubeconfigText } from '../api/kubeconfig.ts'
import { storageClassPath } from '../api/paths.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import type { Processes } from '../process/processes.ts'
import { waitUntil } from '../process/wait-until.ts'
import { LAN_ADDRESS, lanNames, type RealNode, realNodesOf } from './addresses.ts'
import { cniConfiguration } from './cni.ts'
import { makeControlGroup } from './control-groups.ts'
import { dnsService, startDns } from './dns.ts'
import { layNetwork, mustRun } from './network.ts'
import {
  containerdConfiguration,
  containerdSocket,
  kubeletConfiguration,
  kubeProxyConfiguration,
} from './node-files.ts'
import { rememberKernelSettings } from './take-down.ts'
import { folderStorageClass } from './volume-plan.ts'

const START_MAX_MS = 180_000

/** What every node has of images. */
export interface NodeImages {
  /** Files with the images and their names. */
  readonly archives: readonly string[]
  /** Further names of them. */
  readonly aliases: Readonly<Record<string, string>>
}

/**
 * Real nodes of one cluster. The parts that the API server has to be told of exist before it starts (`plan`), the nodes
 * themselves join when it runs (`join`).
 */
export class RealNodes {
  readonly nodes: readonly RealNode[]
  /** Lines for the token file of the API server. */
  readonly users: readonly string[]
  /** File for the API server: by which way it reaches nodes. */
  readonly egress: string
  readonly prefix: string
  readonly #processes: Processes
  readonly #proxyToken: string

  constructor(count: number, processes: Processes) {
    const secret = (): string => randomBytes(16).toString('hex')
    this.prefix = `sn${randomBytes(3).toString('hex')}`
    const tokens = Array.from({ length: count }, secret)
    this.nodes = realNodesOf(this.prefix, processes.folder, tokens)
    this.#processes = processes
    this.#proxyToken = secret()
    this.egress = join(processes.folder, 'egress.yaml')
    this.users = [
      ...this.nodes.map(({ token, name }) => `${token},system:node:${name},${name},system:nodes`),
      `${this.#proxyToken},system:kube-proxy,kube-proxy`,
    ]
  }

  /** Lays the network and opens the API server's way into it. */
  async prepare(): Promise<void> {
    const { folder } = this.#processes
    const socket = join(folder, 'connect.sock')
    await rememberKernelSettings(folder)
    await layNetwork(this.prefix, folder, this.nodes)
    await writeFile(this.egress, egressConfiguration(socket))
    this.#processes.start('connect-proxy', nodeProgram('connect-proxy.ts', socket), {
      networkNamespace: lanNames(this.prefix).namespace,
    })
  }

  /** Starts the nodes and waits until all are ready; images that every node shall hold come as archives. */
  async join(tools: string, controlPlane: ControlPlane, images: NodeImages): Promise<void> {
    const lan = { networkNamespace: lanNames(this.prefix).namespace }
    const { folder } = this.#processes
    const port = controlPlane.ports.api
    const socket = join(folder, 'api.sock')
    this.#processes.start('api-relay', nodeProgram('relay.ts', socket, `127.0.0.1:${port}`))
    const entrance = nodeProgram('relay.ts', `${LAN_ADDRESS}:${port}`, socket)
    this.#processes.start('api-entrance', entrance, lan)
    await startDns(tools, this.#processes, this.#kubeconfig(controlPlane, 'dns'), lan)
    await controlPlane.api.apply(storageClassPath(folderStorageClass), folderStorageClass)
    const volumes = nodeProgram('volumes.ts', controlPlane.kubeconfig, join(folder, 'volumes'))
    this.#processes.start('volumes', volumes)
    for (const object of dnsService) await controlPlane.api.apply(object.path, object.body)
    await Promise.all(this.nodes.map((node) => this.#start(node, tools, controlPlane)))
    await Promise.all(this.nodes.map((node) => this.load(node, images)))
    for (const { name } of this.nodes) await this.#ready(name, controlPlane)
  }

  /** Puts images into a node's containerd. */
  async load(node: RealNode, { archives, aliases }: NodeImages): Promise<void> {
    const socket = containerdSocket(node)
    await waitUntil(`containerd of ${node.name}`, START_MAX_MS, async () => {
      await this.#processes.mustRun(`containerd-${node.name}`)
      return isAnswering(socket)
    })
    const images = ['--address', socket, '--namespace', 'k8s.io', 'images']
    for (const archive of archives) await mustRun('ctr', [...images, 'import', archive])
    for (const [alias, name] of Object.entries(aliases))
      await mustRun('ctr', [...images, 'tag', name, alias])
  }

  async #start(node: RealNode, tools: string, controlPlane: ControlPlane): Promise<void> {
    const { folder, namespace: networkNamespace } = node
    const file = (name: string): string => join(folder, name)
    await mkdir(file('cni'), { recursive: true })
    await makeControlGroup(node.controlGroup)
    await writeFile(file('resolv.conf'), '')
    await writeFile(file('cni/pods.conflist'), JSON.stringify(cniConfiguration(node)))
    await writeFile(file('containerd.toml'), containerdConfiguration(node))
    await writeFile(file('kubelet.yaml'), kubeletConfiguration(node))
    const kubeconfig = this.#kubeconfig(controlPlane, node.name, node.token)
    await writeFile(file('kubelet.kubeconfig'), kubeconfig, { mode: 0o600 })
    const proxyAccess = this.#kubeconfig(controlPlane, 'kube-proxy', this.#proxyToken)
    await writeFile(file('kube-proxy.kubeconfig'), proxyAccess, { mode: 0o600 })
    const proxy = kubeProxyConfiguration(node, file('kube-proxy.kubeconfig'))
    await writeFile(file('kube-proxy.yaml'), proxy)

    const inside = { networkNamespace }
    const start = (name: string, command: readonly string[]): void =>
      void this.#processes.start(`${name}-${node.name}`, command, inside)
    start('containerd', ['containerd', '--config', file('containerd.toml')])
    start('kubelet', [
      join(tools, 'kubelet'),
      `--config=${file('kubelet.yaml')}`,
      `--kubeconfig=${file('kubelet.kubeconfig')}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${node.address}`,
      `--root-dir=${file('kubelet')}`,
      `--cert-dir=${file('certificates')}`,
    ])
    start('kube-proxy', [join(tools, 'kube-proxy'), `--config=${file('kube-proxy.yaml')}`])
  }

  async #ready(name: string, { api }: ControlPlane): Promise<void> {
    await waitUntil(`node ${name}`, START_MAX_MS, async () => {
      await this.#processes.mustRun(`kubelet-${name}`)
      await this.#processes.mustRun(`kube-proxy-${name}`)
      const { status, body } = await api.ask({ path: `/api/v1/nodes/${name}` })
      return status === 200 && isReady(body)
    })
  }

  /** For programs inside the network of the nodes. The server's certificate is for its address outside. */
  #kubeconfig({ access, ports }: ControlPlane, user: string, token = access.token): string {
    const inside = { ...access, url: `https://${LAN_ADDRESS}:${ports.api}`, token }
    return kubeconfigText(user, inside, '127.0.0.1')
  }
}

function nodeProgram(name: string, ...words: readonly string[]): readonly string[] {
  return [process.execPath, join(import.meta.dirname, name), ...words]
}

async function isAnswering(socket: string): Promise<boolean> {
  try {
    await mustRun('ctr', ['--address', socket, 'version'])
    return true
  } catch {
    return false // It has not opened its socket yet; whether it still runs is asked elsewhere.
  }
}

function egressConfiguration(socket: string): string {
  return [
    'apiVersion: apiserver.k8s.io/v1beta1',
    'kind: EgressSelectorConfiguration',
    'egressSelections:',
    '  - name: cluster',
    '    connection:',
    '      proxyProtocol: HTTPConnect',
    '      transport:',
    '        uds:',
    `          udsName: ${socket}`,
    '',
  ].join('\n')
}

function isReady(node: unknown): boolean {
  const { status } = node as {
    readonly status?: {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    }
  }
  return (
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  )
}
