import { Testnet } from '@shardnet/operator/api'
import { NOTHING_OBSERVED, planTestnet } from '@shardnet/operator/plan'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { E2eError } from '../cluster/e2e-error.ts'
import { scaleArguments, USAGE } from './arguments.ts'
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

async function row(layout: Layout, clusters: 1 | 3): Promise<ScaleRow> {
  const rehearsal = { ...layout, clusters, say, signal: stop.signal }
  const { sets, operator, ...times } = await rehearse(rehearsal)
  stop.signal.throwIfAborted()
  const byHand = await rehearseByHand(rehearsal, sets)
  return { ...layout, clusters, planSeconds: planSeconds(layout), ...times, operator, byHand }
}

async function main(): Promise<number> {
  const { validators, clusters, json, isHelp } = scaleArguments(process.argv.slice(2))
  if (isHelp) {
    process.stdout.write(USAGE)
    return 0
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stopWith)
  const startedAt = new Date().toISOString()
  const rows: ScaleRow[] = []
  for (const count of validators) {
    const layout = layouts[count]
    if (layout === undefined) continue
    for (const servers of clusters) rows.push(await row(layout, servers))
  }
  const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`
  const people = json === '-' ? process.stderr : process.stdout
  people.write(`${machine}\n\n${rows.map(textOf).join('\n')}`)
  const file = `${JSON.stringify({ format: 1, startedAt, machine, rows }, null, 2)}\n`
  if (json === '-') process.stdout.write(file)
  else if (json !== null) writeFileSync(json, file)
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (stop.signal.aborted) process.exitCode = 130
  else {
    const isMisspelt = error instanceof TypeError && 'code' in error
    if (!(error instanceof E2eError) && !isMisspelt) throw error
    say(error.message)
    process.exitCode = isMisspelt ? 2 : 3
  }
}
