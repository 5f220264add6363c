import * as pulumi from '@pulumi/pulumi'
import * as ec2 from '@pulumi/aws/ec2/index.js'
import { getAvailabilityZonesOutput } from '@pulumi/aws/getAvailabilityZones.js'

const ZONES = 3

/** Where the network lies and what it lets in. */
export interface AwsNetworkArgs {
  readonly networkIndex: number
  readonly gatewayPorts: { readonly from: number; readonly to: number }
  readonly provider: pulumi.ProviderResource
}

/** Public subnets in three zones: validators talk across clouds, so machines have addresses of their own. */
export class AwsNetwork extends pulumi.ComponentResource {
  readonly subnetIds: pulumi.Output<string>[]
  readonly nodeSecurityGroupId: pulumi.Output<string>

  constructor(name: string, args: AwsNetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super('shardnet:aws:Network', name, {}, options)
    const own = { parent: this, provider: args.provider }
    const block = `10.${args.networkIndex}`
    const vpc = new ec2.Vpc(
      name,
      { cidrBlock: `${block}.0.0/16`, enableDnsHostnames: true, enableDnsSupport: true },
      own,
    )
    const gateway = new ec2.InternetGateway(name, { vpcId: vpc.id }, own)
    const routes = new ec2.RouteTable(
      name,
      { vpcId: vpc.id, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }] },
      own,
    )
    const zones = getAvailabilityZonesOutput({ state: 'available' }, own).names
    this.subnetIds = Array.from({ length: ZONES }, (_, index) => {
      const subnet = new ec2.Subnet(
        `${name}-${index}`,
        {
          vpcId: vpc.id,
          cidrBlock: `${block}.${index * 64}.0/18`,
          availabilityZone: zones.apply((names) => names[index % names.length] ?? ''),
          mapPublicIpOnLaunch: true,
          tags: { 'kubernetes.io/role/elb': '1' },
        },
        own,
      )
      return new ec2.RouteTableAssociation(
        `${name}-${index}`,
        { subnetId: subnet.id, routeTableId: routes.id },
        own,
      ).subnetId.apply((id) => id ?? '')
    })
    this.nodeSecurityGroupId = this.#gatewayGroup(name, vpc.id, args).id
    this.registerOutputs({ subnetIds: this.subnetIds })
  }

  /** Opens the gateways' ports and nothing else; what pods of one cluster say to each other the cluster's own group lets through. */
  #gatewayGroup(
    name: string,
    vpcId: pulumi.Output<string>,
    args: AwsNetworkArgs,
  ): ec2.SecurityGroup {
    const { from, to } = args.gatewayPorts
    return new ec2.SecurityGroup(
      `${name}-gateways`,
      {
        vpcId,
        description: 'Gateways of validators to other clusters',
        ingress: [
          {
            description: 'Validators of other clusters',
            protocol: 'tcp',
            fromPort: from,
            toPort: to,
            cidrBlocks: ['0.0.0.0/0'],
          },
        ],
        egress: [
          { description: 'Out', protocol: '-1', fromPort: 0, toPort: 0, cidrBlocks: ['0.0.0.0/0'] },
        ],
      },
      { parent: this, provider: args.provider },
    )
  }
}
