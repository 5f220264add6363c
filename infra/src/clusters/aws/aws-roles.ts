import type * as pulumi from '@pulumi/pulumi'
import * as iam from '@pulumi/aws/iam/index.js'

const MANAGED = 'arn:aws:iam::aws:policy'

/** A role that a service of AWS takes on, with policies of AWS. */
export interface AwsRole {
  readonly arn: pulumi.Output<string>
  readonly attachments: readonly pulumi.Resource[]
}

/** Made before what uses it, and removed after. */
export function awsRole(
  name: string,
  service: string,
  policies: readonly string[],
  options: pulumi.CustomResourceOptions,
): AwsRole {
  const actions = service.startsWith('pods.')
    ? ['sts:AssumeRole', 'sts:TagSession']
    : 'sts:AssumeRole'
  const role = new iam.Role(
    name,
    {
      assumeRolePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: actions }],
      }),
    },
    options,
  )
  const attachments = policies.map(
    (policy) =>
      new iam.RolePolicyAttachment(
        `${name}-${policy.split('/').at(-1)}`,
        { role: role.name, policyArn: `${MANAGED}/${policy}` },
        options,
      ),
  )
  return { arn: role.arn, attachments }
}
