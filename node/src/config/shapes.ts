import { z } from 'zod'

/** Most shards of a testnet, most validators of a shard: room for layouts like that of 2018, about 100 shards of 400. */
export const SHARDS_MAX = 1_024
export const VALIDATORS_PER_SHARD_MAX = 512
/** Fewer cannot have one faulty member: n - floor((n - 1) / 3) of n = 4 is the first quorum below n. */
export const VALIDATORS_PER_SHARD_MIN = 4

/** Index of a shard. */
export const ShardNumber = z
  .int()
  .min(0)
  .max(SHARDS_MAX - 1)

/** Index of a validator in its committee. */
export const SeatNumber = z
  .int()
  .min(0)
  .max(VALIDATORS_PER_SHARD_MAX - 1)

/** Lower-case hexadecimal text of exactly so many bytes: one value has one spelling, because hashes are over it. */
export function hexText(byteLength: number) {
  const characters = 2 * byteLength
  return z
    .string()
    .regex(
      new RegExp(`^[0-9a-f]{${characters}}$`),
      `${characters} lower-case hexadecimal characters`,
    )
}

/** A host name or IP address with a port, `127.0.0.1:9000` or `[::1]:9000`; port 0 asks for a free one. */
export const Address = z
  .string()
  .max(260)
  .refine((text) => splitAddress(text) !== null, 'host:port')

/** A parsed address. */
export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** Splits `host:port`; null when it is none. IPv6 addresses stand in brackets, which are taken off. */
export function splitAddress(text: string): HostAndPort | null {
  const match =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[4])
  return host === undefined || port > 65_535 ? null : { host, port }
}
