import { z } from 'zod'
import { count } from './shapes.ts'

const rate = z.number().min(0)

/** The rate told in other units, and as it would have been told in 2018. */
export const Counting = z
  .strictObject({
    committedPerSecond: rate.describe(
      'The honest figure: each transaction once, when committed in every shard that it touches, inside one window.',
    ),
    style2018: z
      .strictObject({
        perSecond: rate,
        ratioToHonest: rate.nullable(),
        blocks: count.describe('Blocks in the window that held anything.'),
        busyShare: rate.describe('Part of the window in which a shard was busy with a block.'),
        text: z.string(),
      })
      .nullable()
      .describe(
        [
          'Not a throughput: what an internal testnet of 2018 reported. For each shard the mean over its blocks of entries in the',
          'block / time from proposal to commit, added over shards; idle time does not count, and both halves of a',
          'cross-shard transaction do.',
        ].join(' '),
      ),
    perValidatorPerSecond: rate,
    cores: rate.nullable().describe('Processor cores that the validators had together.'),
    perCorePerSecond: rate.nullable(),
    perCoreSecondUsed: rate
      .nullable()
      .describe('Committed per second of processor time that the validators really used.'),
    signatureChecks: count
      .nullable()
      .describe('Transaction signatures checked by all validators in the window.'),
    perSignatureCheck: rate.nullable().describe('Committed per signature check.'),
    networkBytesPerTransaction: rate
      .nullable()
      .describe('Bytes that validators sent each other, before encryption.'),
    clientBytesPerTransaction: rate
      .nullable()
      .describe('Bytes of transactions that the generator sent, repetitions included.'),
    diskBytesPerTransaction: rate.nullable().describe('Bytes appended to all logs.'),
  })
  .describe('The committed rate per validator, core, signature check and byte.')
export type Counting = z.infer<typeof Counting>
