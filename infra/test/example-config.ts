const made = { machines: 3, spotMachines: 2 }

/** One cluster in each cloud: 3 machines of 8 vCPUs each, and two on spot. */
export const threeClouds = {
  image: 'registry.example/shardnet:1.0',
  testnet: { name: 'demo', shards: 4, validatorsPerShard: 7 },
  owner: 'team-a',
  expires: '2026-12-15',
  budget: { usd: 500, email: 'sre@example.org' },
  apiAllowedCidrs: ['203.0.113.0/24'],
  clouds: [
    { cloud: 'aws', region: 'us-east-1', machineType: 't3.2xlarge', ...made },
    {
      cloud: 'gcp',
      region: 'europe-west4',
      machineType: 'e2-standard-8',
      project: 'p',
      billingAccount: '0A-0B',
      ...made,
    },
    {
      cloud: 'azure',
      region: 'westeurope',
      machineType: 'Standard_D8s_v5',
      spotPricePerHour: 0.1,
      subscription: 's',
      ...made,
    },
  ],
}
