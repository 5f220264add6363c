import { Random } from '../random.ts'
import { accountsField, countField, crossShardField, PAYLOAD_BYTES_MAX } from './fields.ts'
import { PaymentSource } from './payments.ts'
import { profileOf } from './profile.ts'

/** Transfers that carry data: what a data availability layer would see. */
export const blob = profileOf({
  summary: 'transfers with a payload of any size between two bounds',
  fields: {
    blobBytesMin: countField(
      { min: 0, max: PAYLOAD_BYTES_MAX },
      0,
      'Least payload of a transaction; every size up to the most is as likely.',
    ),
    blobBytesMax: countField(
      { min: 0, max: PAYLOAD_BYTES_MAX },
      PAYLOAD_BYTES_MAX,
      'Most payload of a transaction; the genesis may allow less.',
    ),
    crossShard: crossShardField,
    accounts: accountsField,
  },
  source: (settings, context) => {
    const random = new Random(context.seed, 'blob sizes')
    const transfers = new PaymentSource({ ...settings, payloadBytes: 0 }, context, 'blob')
    const least = Math.min(settings.blobBytesMin, settings.blobBytesMax)
    const sizes = settings.blobBytesMax - least + 1
    return { next: () => ({ ...transfers.next(), payloadBytes: least + random.below(sizes) }) }
  },
  payloadBytesMax: (settings) => settings.blobBytesMax,
})
