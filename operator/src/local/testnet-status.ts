import { z } from 'zod'
import { Testnet } from '../api/testnet.ts'
import { NetworkOfShard } from '../api/shard.ts'
import { ProcessIdentity } from './process-identity.ts'

const ValidatorStatus = z.strictObject({
  /** Such as `demo-g1-shard-0-2`. */
  name: z.string(),
  shard: z.number(),
  validator: z.number(),
  /** `waiting`: it died, and is started again in a moment. `paused`, `down`: by a fault. */
  state: z.enum(['starting', 'ready', 'waiting', 'stopped', 'paused', 'down']),
  pid: z.number().nullable(),
  /** `host:port` */
  httpAddress: z.string(),
  /** `host:port` */
  p2pAddress: z.string(),
  restarts: z.number(),
  /** How its last process ended, in words. */
  lastEnd: z.string().nullable(),
  dataDirectory: z.string(),
  logFile: z.string(),
})
/** One validator as `status` shows it. */
export type ValidatorStatus = z.infer<typeof ValidatorStatus>

/** One testnet of this machine as `status` shows it. */
export const TestnetStatus = z.strictObject({
  name: z.string(),
  /** `ending`: being taken down; `stopped`: no supervisor. */
  state: z.enum(['starting', 'ready', 'ending', 'stopped']),
  folder: z.string(),
  supervisor: ProcessIdentity.nullable(),
  document: Testnet,
  /** The generation that is wanted; null before its genesis exists. */
  network: NetworkOfShard.nullable(),
  networkId: z.string().nullable(),
  genesisFile: z.string().nullable(),
  accountsFile: z.string().nullable(),
  /** Of the wanted generation. */
  validators: z.array(ValidatorStatus),
  /** What went wrong and stays wrong, for people. */
  problem: z.string().nullable(),
})
export type TestnetStatus = z.infer<typeof TestnetStatus>
