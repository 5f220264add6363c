import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { readText } from './files.ts'
import { ConfigError, parseJson, parseWith } from './problems.ts'
import { Address, SeatNumber, ShardNumber } from './shapes.ts'

const MEBIBYTE = 1_048_576
const path = () => z.string().min(1)

/** What one validator process is told. Paths in the file are relative to the file's own folder. */
export const NodeConfig = z
  .strictObject({
    format: z.literal(1).describe('Version of this document.'),
    shard: ShardNumber.describe('Shard that this validator serves.'),
    validator: SeatNumber.describe('Its seat in the committee.'),
    dataDirectory: path().describe('Log and state lie here; one process at a time.'),
    genesisFile: path(),
    accountsFile: path().describe('Table of accounts that the genesis names by its hash.'),
    keyFile: path().describe("This validator's keys."),
    peersFile: path().describe('Address book; read again when it changes.'),
    listen: z.strictObject({
      p2p: Address.describe('Where other validators connect.'),
      http: Address.describe('RPC, WebSocket, binary stream, /livez, /readyz, /metrics.'),
    }),
    admin: z
      .strictObject({
        listen: Address.describe('Where faults are put in; never the port of RPC.'),
        tokenFile: path().describe('Who shows what is in it may break this validator.'),
      })
      .optional()
      .describe('Door for faults (docs/faults.md); closed when left out.'),
    diskBytesMax: z
      .int()
      .min(64 * MEBIBYTE)
      .default(8 * 1024 * MEBIBYTE)
      .describe(
        'Budget of the log; the validator stops with one clear sentence when it is used up.',
      ),
    metrics: z
      .strictObject({
        profile: z
          .enum(['auto', 'full', 'lean'])
          .default('auto')
          .describe(
            'Series at /metrics: all of them, or at most 40 for large networks. auto: lean above 1,000 validators, where seat 0 of each shard stays full.',
          ),
      })
      .prefault({}),
    limits: z
      .strictObject({
        clientConnectionsMax: z.int().min(1).max(65_536).default(1_024),
        pendingTransactionsMax: z
          .int()
          .min(1)
          .max(10_000_000)
          // About two seconds of work: of a longer queue clients send everything again before its turn comes.
          .default(8_192)
          .describe('Taken from clients and not yet in a batch; above it the door answers 429.'),
      })
      .prefault({}),
  })
  .readonly()
export type NodeConfig = z.infer<typeof NodeConfig>

/** A configuration as a person writes it: fields with defaults may be left out. */
export type NodeConfigInput = z.input<typeof NodeConfig>

/**
 * Reads a validator's configuration and makes its paths absolute.
 * @throws ConfigError with all problems at once.
 */
export async function loadNodeConfig(file: string): Promise<NodeConfig> {
  const config = parseWith(file, NodeConfig, parseJson(file, await readText(file)))
  const folder = dirname(resolve(file))
  return {
    ...config,
    dataDirectory: resolve(folder, config.dataDirectory),
    genesisFile: resolve(folder, config.genesisFile),
    accountsFile: resolve(folder, config.accountsFile),
    keyFile: resolve(folder, config.keyFile),
    peersFile: resolve(folder, config.peersFile),
    ...(config.admin === undefined
      ? {}
      : { admin: { ...config.admin, tokenFile: resolve(folder, config.admin.tokenFile) } }),
  }
}

/** Where one validator listens for its peers. */
export interface PeerAddress {
  readonly shard: number
  readonly validator: number
  /** `host:port` */
  readonly address: string
}

const AddressBook = z.strictObject({
  format: z.literal(1),
  peers: z.array(z.strictObject({ shard: ShardNumber, validator: SeatNumber, address: Address })),
})

/**
 * Reads an address book.
 * @throws ConfigError with all problems at once, a seat that is there twice included.
 */
export async function loadAddressBook(file: string): Promise<readonly PeerAddress[]> {
  return parseAddressBook(await readText(file), file)
}

/** As `loadAddressBook`, from text. */
export function parseAddressBook(text: string, source = 'peers'): readonly PeerAddress[] {
  const { peers } = parseWith(source, AddressBook, parseJson(source, text))
  const seen = new Map<string, number>()
  const problems = peers.flatMap(({ shard, validator }, index) => {
    const seat = `validator ${validator} of shard ${shard}`
    const first = seen.get(seat)
    if (first === undefined) {
      seen.set(seat, index)
      return []
    }
    return [
      {
        path: `peers[${index}]`,
        expected: 'each seat once',
        got: `${seat} again, as in peers[${first}]`,
      },
    ]
  })
  if (problems.length > 0) throw new ConfigError(source, problems)
  return peers
}

/** The bytes of an address book. */
export function formatAddressBook(peers: readonly PeerAddress[]): string {
  return `${JSON.stringify({ format: 1, peers }, null, 2)}\n`
}
