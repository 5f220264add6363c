import { z } from 'zod'

/** What the validator's program expects in `SHARDNET_POD`; it keeps its schema to itself. */
const PodSetting = z.strictObject({
  format: z.literal(1),
  shard: z.int(),
  genesisParts: z.int(),
  peerHost: z.string(),
  diskBytesMax: z.int(),
})

export function parsePodSetting(text: string): z.infer<typeof PodSetting> {
  return PodSetting.parse(JSON.parse(text))
}
