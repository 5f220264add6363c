import { Testnet } from '@shardnet/operator/api'
import { NOTHING_OBSERVED, planTestnet } from '@shardnet/operator/plan'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { E2eError } from '../cluster/e2e-error.ts'
import { type ScaleArguments, scaleArguments, USAGE } from './arguments.ts'
import { type Layout, layouts } from './layout.ts'
import { rehearse, rehearseByHand } from './rehearsal.ts'
import { type ScaleRow, textOf } from './scale-text.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const stop = new AbortController()
const stopWith = (): void => {
  say('Ending in good order; press Ctrl-C again to end at once.')
  stop.abort()
}

/** Time of one plan of that many validators: the pure part of the operator. */
function planSeconds({ shards, validatorsPerShard }: Layout): number {
  const testnet = Testnet.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Testnet',
    metadata: { name: 'scale' },
    spec: { shards, validatorsPerShard },
  })
  const startMs = performance.now()
  planTestnet(testnet, NOTHING_OBSERVED)
  return (performance.now() - startMs) / 1_000
}

/** Both halves of a rehearsal; whoever stops the second one keeps the figures of the first. */
async function* rowsOf(layout: Layout, clusters: 1 | 3): AsyncGenerator<ScaleRow> {
  const rehearsal = { ...layout, clusters, say, signal: stop.signal }
  const { sets, operator, ...times } = await rehearse(rehearsal)
  const row = { ...layout, clusters, planSeconds: planSeconds(layout), ...times, operator }
  yield { ...row, byHand: null }
  stop.signal.throwIfAborted()
  yield { ...row, byHand: await rehearseByHand(rehearsal, sets) }
}

async function rehearseAll(
  { validators, clusters, json }: ScaleArguments,
  machine: string,
): Promise<readonly ScaleRow[]> {
  const startedAt = new Date().toISOString()
  const done: ScaleRow[] = []
  const write = (rows: readonly ScaleRow[]): void => {
    if (json === null) return
    const text = `${JSON.stringify({ format: 1, startedAt, machine, rows }, null, 2)}\n`
    if (json !== '-') writeFileSync(json, text)
    else if (rows === done) process.stdout.write(text)
  }
  for (const layout of validators.flatMap((count) => layouts[count] ?? [])) {
    for (const servers of clusters) {
      let last: ScaleRow | null = null
      try {
        for await (const row of rowsOf(layout, servers)) {
          last = row
          write([...done, row])
        }
      } catch (error) {
        if (!stop.signal.aborted) throw error
      }
      if (last !== null) done.push(last)
      if (stop.signal.aborted) break
    }
  }
  write(done)
  return done
}

async function main(): Promise<number> {
  const words = scaleArguments(process.argv.slice(2))
  if (words.isHelp) {
    process.stdout.write(USAGE)
    return 0
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stopWith)
  const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`
  const rows = await rehearseAll(words, machine)
  const people = words.json === '-' ? process.stderr : process.stdout
  people.write(`${machine}\n\n${rows.map(textOf).join('\n')}`)
  return stop.signal.aborted ? 130 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  const isMisspelt = error instanceof TypeError && 'code' in error
  if (!(error instanceof E2eError) && !isMisspelt) throw error
  say(error.message)
  process.exitCode = isMisspelt ? 2 : 3
}
