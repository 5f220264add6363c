import * as pulumi from '@pulumi/pulumi'

/** What a kubeconfig is made of. */
export interface KubeconfigParts {
  readonly name: string
  readonly server: pulumi.Input<string>
  /** Base64 of the PEM. */
  readonly authority: pulumi.Input<string>
  /** A `user` entry: a token, or a command that gets one. */
  readonly user: pulumi.Input<object>
}

/**
 * A kubeconfig as text, secret. The user's name is the cluster's: clients that keep credentials by user name would mix up
 * clusters otherwise.
 */
export function kubeconfigOf({
  name,
  server,
  authority,
  user,
}: KubeconfigParts): pulumi.Output<string> {
  const text = pulumi.all([server, authority, user]).apply(([address, certificate, credentials]) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: address, 'certificate-authority-data': certificate } }],
      users: [{ name, user: credentials }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    }),
  )
  return pulumi.secret(text)
}

/** Runs a cloud's own command for a token, which is never stored. */
export function execUser(command: string, words: readonly string[]): object {
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command,
      args: words,
      interactiveMode: 'Never',
    },
  }
}
