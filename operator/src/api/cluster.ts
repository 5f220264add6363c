import { z } from 'zod'
import { API_VERSION, oneOf, resourceName, textLike, wholeNumber } from './field.ts'
import { Metadata } from './metadata.ts'

const Spec = z.strictObject({
  kubeconfigSecret: z
    .strictObject({
      name: resourceName().describe('Name of the Secret.'),
      key: textLike(/^[-._a-zA-Z0-9]+$/, 253, 'a key of a Secret')
        .default('kubeconfig')
        .describe('Key in it.'),
    })
    .optional()
    .describe('How to reach the cluster; left out for the one that runs the operator.'),
  cloud: oneOf(['aws', 'gcp', 'azure', 'other']).default('other').describe('Who runs it.'),
  region: textLike(/^[-a-z0-9]+$/, 63, 'the name of a region')
    .optional()
    .describe('Where it is.'),
  capacity: z
    .strictObject({ validators: wholeNumber(0, 100_000).describe('Most validators placed here.') })
    .optional()
    .describe('What it has room for.'),
  pricePerHour: textLike(/^[0-9]+(\.[0-9]{1,6})?$/, 16, 'an amount such as "1.25"')
    .optional()
    .describe('Price of an hour of it, in US dollars.'),
})

/** A cluster that takes shards. */
export const Cluster = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe('Version of the kind.'),
  kind: z.literal('Cluster').describe('The kind.'),
  metadata: Metadata.describe('Name that `placement.clusters` uses.'),
  spec: Spec.prefault({}).describe('How to reach it and what it offers.'),
})
export type Cluster = z.infer<typeof Cluster>
