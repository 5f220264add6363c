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
import { criteriaOf } from '../criteria.ts'
import { LoadError, type Target } from '../network.ts'
import { type LoadOptions, openPlan, requestOf, runPart } from '../run-load.ts'
import type { Share } from '../share/share.ts'
import { Coordinator } from './coordinator.ts'
import { alone, RunAborted } from './gathering.ts'
import { GENESIS_FOLDER, LOAD_PORT, loadExitCode as exitCode, LoadPod } from './load-pod.ts'
import { Member } from './member.ts'
import { PodServer } from './pod-server.ts'
import { resultLines } from './result-lines.ts'
import { tracedLoad } from './traced-load.ts'

const GENESIS_BYTES_MAX = 256 * 2 ** 20

/** Runs the load that a pod of a LoadTest is told; the first pod prints the result of all for the operator to read. */
async function main(): Promise<void> {
  const pod = parseWith(
    'SHARDNET_LOAD',
    LoadPod,
    parseJson('SHARDNET_LOAD', process.env['SHARDNET_LOAD'] ?? ''),
  )
  const share: Share = { index: indexOf(pod), of: pod.generators }
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const { signal } = stop
  const { run, coordinator } = pod
  const first =
    share.of > 1 && share.index === 0 ? new Coordinator({ run, of: share.of, signal }) : null
  const server = new PodServer(first)
  await server.listen(LOAD_PORT)
  const gathering =
    share.of === 1 ? alone : (first ?? new Member({ coordinator, run, index: share.index, signal }))
  await gathering.present()
  const options: LoadOptions = {
    ...(await loadOf(pod)),
    signal,
    beforeStart: async () => {
      await gathering.start()
      server.started()
    },
  }
  const measured = await runPart(options, share)
  const result = await gathering.finish(requestOf(options, openPlan(options)), measured)
  if (result === null) return
  for (const line of resultLines(JSON.stringify(result))) process.stdout.write(`${line}\n`)
}

/** Jobs number their pods. */
function indexOf({ generators }: LoadPod): number {
  const text = process.env['JOB_COMPLETION_INDEX'] ?? '0'
  const index = Number(text)
  if (Number.isInteger(index) && index >= 0 && index < generators) return index
  const expected = `a number from 0 to ${generators - 1}`
  throw new ConfigError('environment', [{ path: 'JOB_COMPLETION_INDEX', expected, got: text }])
}

async function loadOf(pod: LoadPod): Promise<Omit<LoadOptions, 'signal'>> {
  const genesis = parseGenesis(await genesisText(pod))
  const { seed, shards, validatorsPerShard, accounts } = genesis
  const plan = { seed, shards, perShard: accounts.perShard }
  const kernel = SignatureKernel.load()
  const table = await ensureAccountTable(join(tmpdir(), 'accounts'), plan, (seeds) =>
    kernel.derivePublicKeys(seeds),
  )
  const { generators } = pod
  const place = generators === 1 ? 'a pod of the cluster' : `${generators} pods of the cluster`
  return {
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
    ...(await tracedLoad(pod)),
    criteria: criteriaOf(pod.criteria),
    accounts: 'used',
    facts: [{ name: 'place', value: place }],
    command: 'LoadTest',
    onProgress: ({ elapsedMs }) => tell(elapsedMs),
  }
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
  const [code, text] = endOf(error)
  process.stderr.write(`${text}\n`)
  process.exit(code)
}

function endOf(error: unknown): readonly [code: number, text: string] {
  if (!(error instanceof Error)) return [exitCode.failed, String(error)]
  if (error instanceof RunAborted) return [exitCode.aborted, error.message]
  if (error.name === 'AbortError') return [exitCode.aborted, 'told to stop before the start']
  if (error instanceof ConfigError) return [exitCode.badInput, error.message]
  if (error instanceof LoadError) return [exitCode.world, error.message]
  return [exitCode.failed, error.stack ?? error.message]
}
