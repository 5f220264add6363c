type Properties = Record<string, unknown>
type State = (name: string, inputs: Properties, real: RealCluster | undefined) => Properties

/** An API server that stands in for the one that a cloud would make. */
export interface RealCluster {
  readonly address: string
  /** PEM of who signed its certificate. */
  readonly authority: string
  readonly kubeconfig: string
}

const KUBECONFIG = JSON.stringify({
  clusters: [{ name: 'c', cluster: { server: 'https://azure.example:443' } }],
})
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

/** Outputs that clouds add to what was asked, by type; shapes as the providers' schemas say. */
const additions: Readonly<Record<string, State>> = {
  'aws:eks/cluster:Cluster': (name, { vpcConfig }, real) => ({
    name,
    endpoint: `https://${real?.address ?? `${name}.eks.example`}`,
    certificateAuthority: { data: base64(real?.authority ?? 'authority') },
    vpcConfig: { ...(vpcConfig as Properties), clusterSecurityGroupId: `sg-${name}` },
  }),
  'aws:ec2/launchTemplate:LaunchTemplate': () => ({ latestVersion: 1 }),
  'gcp:container/cluster:Cluster': (name, _inputs, real) => ({
    endpoint: real?.address ?? '198.51.100.7',
    masterAuth: { clusterCaCertificate: base64(real?.authority ?? name) },
  }),
  'gcp:serviceaccount/account:Account': (name) => ({ email: `${name}@project.example` }),
  'azure-native:network:VirtualNetwork': (name) => ({
    subnets: [{ id: `/subscriptions/s/virtualNetworks/${name}/subnets/nodes`, name: 'nodes' }],
  }),
  'kubernetes:core/v1:Secret': (_name, inputs) =>
    inputs['type'] === 'kubernetes.io/service-account-token'
      ? { data: { token: base64('token-of-the-hub'), 'ca.crt': base64('authority') } }
      : {},
}

/** What a resource looks like once it is made. */
export function outputsOf(
  type: string,
  name: string,
  inputs: Properties,
  real: Readonly<Record<string, RealCluster>> = {},
): { id: string; state: Properties } {
  const common = type.startsWith('aws:') ? { arn: `arn:aws:${type}:${name}` } : {}
  return {
    id: `${name}-id`,
    state: { name, ...inputs, ...common, ...additions[type]?.(name, inputs, real[name]) },
  }
}

const answers: Readonly<Record<string, Properties>> = {
  'aws:index/getAvailabilityZones:getAvailabilityZones': { names: ['a', 'b', 'c', 'd'] },
  'aws:index/getCallerIdentity:getCallerIdentity': { accountId: '123456789012' },
  'gcp:organizations/getProject:getProject': { number: '42' },
  'gcp:organizations/getClientConfig:getClientConfig': { project: 'p' },
  'azure-native:authorization:getClientConfig': { subscriptionId: 's' },
}

/** What a function of a cloud answers; one that is not here is a mistake of the test. */
export function answerCall(
  token: string,
  inputs: Properties,
  real: Readonly<Record<string, RealCluster>> = {},
): Properties {
  if (token === 'azure-native:containerservice:listManagedClusterUserCredentials') {
    const text = real[String(inputs['resourceName'])]?.kubeconfig ?? KUBECONFIG
    return { kubeconfigs: [{ name: 'clusterUser', value: base64(text) }] }
  }
  const answer = answers[token]
  if (answer === undefined) throw new Error(`no recorded answer for ${token}`)
  return { ...inputs, ...answer }
}
