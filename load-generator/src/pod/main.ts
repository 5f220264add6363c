import {
  ConfigError,
  ensureAccountTable,
  networkIdOf,
  parseGenesis,
  parseJson,
  parseWith,
} from '@shardnet/node/config'
import { SignatureKernel } from '@shardnet/node/signatures'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { arrivalsOf } from '../arrivals.ts'
import { criteriaOf } from '../criteria.ts'
import { LoadError, type Target } from '../network.ts'
import { runLoad } from '../run-load.ts'
import { workloadOf } from '../workload.ts'
import { LoadPod } from './load-pod.ts'
import { resultLines } from './result-lines.ts'

const exitCode = { ok: 0, failed: 1, badInput: 2, world: 3 } as const
const GENESIS_FOLDER = '/etc/shardnet/genesis'
const GENESIS_BYTES_MAX = 256 * 2 ** 20

/** Runs the load that a pod of a LoadTest is told, and prints its result for the operator to read. */
async function main(): Promise<void> {
  const pod = parseWith(
    'SHARDNET_LOAD',
    LoadPod,
    parseJson('SHARDNET_LOAD', process.env['SHARDNET_LOAD'] ?? ''),
  )
  const genesis = parseGenesis(await genesisText(pod))
  const { seed, shards, validatorsPerShard, accounts } = genesis
  const plan = { seed, shards, perShard: accounts.perShard }
  const kernel = SignatureKernel.load()
  const table = await ensureAccountTable(join(tmpdir(), 'accounts'), plan, (seeds) =>
    kernel.derivePublicKeys(seeds),
  )
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const result = await runLoad({
    network: {
      name: pod.testnet,
      networkId: networkIdOf(genesis),
      shards,
      validatorsPerShard,
      accountsPerShard: accounts.perShard,
      genesisSeed: seed,
      accountTable: await readFile(table.file),
    },
    targets: targetsOf(pod, shards, validatorsPerShard),
    workload: workloadOf(pod.workload),
    arrivals: arrivalsOf(pod.arrivals),
    criteria: criteriaOf(pod.criteria),
    accounts: 'used',
    facts: [{ name: 'place', value: 'a pod of the cluster' }],
    command: 'LoadTest',
    signal: stop.signal,
    onProgress: ({ elapsedMs }) => tell(elapsedMs),
  })
  for (const line of resultLines(JSON.stringify(result))) process.stdout.write(`${line}\n`)
}

let toldAtMs = Number.NEGATIVE_INFINITY
const TELL_EVERY_MS = 10_000

function tell(elapsedMs: number): void {
  if (elapsedMs - toldAtMs < TELL_EVERY_MS) return
  toldAtMs = elapsedMs
  process.stdout.write(`${Math.round(elapsedMs / 1_000)} s of load\n`)
}

async function genesisText({ genesisParts }: LoadPod): Promise<string> {
  const parts = Array.from({ length: genesisParts }, (_, part) =>
    readFile(join(GENESIS_FOLDER, `genesis-${part}`)),
  )
  const bytes = Buffer.concat(await Promise.all(parts))
  return gunzipSync(bytes, { maxOutputLength: GENESIS_BYTES_MAX }).toString('utf8')
}

function targetsOf({ httpHost }: LoadPod, shards: number, validators: number): readonly Target[] {
  return Array.from({ length: shards * validators }, (_, index) => {
    const shard = Math.floor(index / validators)
    const validator = index % validators
    const httpAddress = httpHost
      .replaceAll('{shard}', String(shard))
      .replaceAll('{validator}', String(validator))
    return { shard, validator, httpAddress }
  })
}

try {
  await main()
  process.exit(exitCode.ok)
} catch (error) {
  const isBadInput = error instanceof ConfigError
  const isKnown = isBadInput || error instanceof LoadError
  const text = error instanceof Error ? (isKnown ? error.message : error.stack) : String(error)
  process.stderr.write(`${text}\n`)
  process.exit(isBadInput ? exitCode.badInput : isKnown ? exitCode.world : exitCode.failed)
}
