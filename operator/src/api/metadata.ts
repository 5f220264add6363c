import { z } from 'zod'
import { resourceName } from './field.ts'

/** What people write in `metadata`; the rest of Kubernetes' metadata belongs to the API server. */
export const Metadata = z.strictObject({
  name: resourceName().describe('Name of the object, unique among its kind.'),
  namespace: resourceName()
    .optional()
    .describe('Namespace in a cluster; means nothing on a laptop.'),
  labels: z.record(z.string(), z.string()).optional().describe('Labels for selecting objects.'),
  annotations: z.record(z.string(), z.string()).optional().describe('Notes of tools and people.'),
})
export type Metadata = z.infer<typeof Metadata>
