import { join } from 'node:path'

/** Programs that one Go module pins and builds. */
export interface ToolSet {
  readonly name: string
  /** Folder of the module. */
  readonly module: string
  /** What `go build` is given; `tool` stands for the module's tool directives. */
  readonly packages: readonly string[]
  readonly tags: readonly string[]
  /** The module whose version the programs give as their own, where they have to be told; see `versionFlags`. */
  readonly versionOf: string | null
  /** Links by which a program that is several goes under all its names. */
  readonly links: Readonly<Record<string, string>>
  /** Folders that a module among its dependencies brings as data: name here to module and path there. */
  readonly data: Readonly<Record<string, { readonly module: string; readonly path: string }>>
}

/** All of a Kubernetes cluster that Go can bring: what nodes need of the system (containerd, runc) is not in it. */
export const kubernetesTools: ToolSet = {
  name: 'kubernetes',
  module: join(import.meta.dirname, '..', 'tools'),
  packages: ['./kube', './coredns', './pause', 'tool'],
  tags: [],
  versionOf: 'k8s.io/kubernetes',
  links: Object.fromEntries(
    [
      'etcd',
      'helm',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-proxy',
      'kube-scheduler',
      'kubectl',
      'kubelet',
      'kwok',
    ].map((name) => [name, 'kube']),
  ),
  data: { stages: { module: 'sigs.k8s.io/kwok', path: 'kustomize/stage' } },
}

/** Prometheus and promtool; of its ways to find targets only files and Kubernetes, which halves the build. */
export const prometheusTools: ToolSet = {
  name: 'prometheus',
  module: join(import.meta.dirname, '..', 'prometheus'),
  packages: ['tool'],
  tags: ['remove_all_sd', 'enable_kubernetes_sd', 'enable_dns_sd'],
  versionOf: null,
  links: {},
  data: {},
}

/** Pulumi's engine and command line, and its provider for Kubernetes. */
export const pulumiTools: ToolSet = {
  name: 'pulumi',
  module: join(import.meta.dirname, '..', '..', 'pulumi', 'tools'),
  packages: ['./pulumi-resource-kubernetes', 'tool'],
  tags: [],
  versionOf: null,
  links: {},
  data: {},
}

export const toolSets: readonly ToolSet[] = [kubernetesTools, prometheusTools, pulumiTools]

/** What the linker writes into programs of Kubernetes 1.X: charts and clients decide by the version that a server gives. */
export function versionFlags(version: string): readonly string[] {
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.')
  const place = 'k8s.io/component-base/version'
  return [
    `-X ${place}.gitVersion=${version}`,
    `-X ${place}.gitMajor=${major}`,
    `-X ${place}.gitMinor=${minor}`,
    `-X ${place}.gitTreeState=clean`,
  ]
}
