import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { stringify } from 'yaml'
import { parseConfig } from '../src/config/parse-config.ts'
import type { StackConfig } from '../src/config/stack-config.ts'
import { billOf, estimateText } from '../src/cost/estimate.ts'
import { estimated } from './estimated.ts'
import { threeClouds } from './example-config.ts'
import { stackOf } from './stack-file.ts'

const CLI = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts')

/** What `shardnet cost` says of the same machines, as a Layout in a file. */
function costOf(config: StackConfig): { readonly perHour: number; readonly text: string } {
  const { shards, validatorsPerShard, spread } = config.testnet
  const places = billOf(config).machines.map((group) => ({
    cloud: group.cloud,
    region: group.region,
    machineType: group.machineType,
    purchase: group.purchase,
    diskGigabytes: group.diskGigabytes,
    machines: group.count,
    ...(group.pricePerHour === null ? {} : { pricePerHour: group.pricePerHour }),
  }))
  const validators = shards * validatorsPerShard
  const layout = { kind: 'Layout', name: 'same', places, shards, validators, spread, for: '1h' }
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-cost-'))
  try {
    const file = join(folder, 'layout.yaml')
    writeFileSync(file, stringify(layout))
    const words = [CLI, 'cost', file]
    const text = execFileSync(process.execPath, words, { encoding: 'utf8' })
    const json = execFileSync(process.execPath, [...words, '--json', '-'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return { perHour: JSON.parse(json).estimate.perHour, text }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function configOf(raw: unknown): StackConfig {
  const parsed = parseConfig(raw)
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}

describe('the price of a stack is the one that `shardnet cost` prints for the same machines', () => {
  const stacks = [
    ['three clouds with spot machines', threeClouds],
    ['Pulumi.example.yaml', stackOf('example')],
    ['Pulumi.testnet-2018.yaml', stackOf('testnet-2018')],
  ] as const
  for (const [name, raw] of stacks)
    test(name, () => {
      const config = configOf(raw)
      const own = estimated(config)
      const cost = costOf(config)
      assert.equal(own.usdPerHour, cost.perHour)
      assert.ok(own.usdPerHour > 1)
      assert.ok(cost.text.includes(own.asOf), 'of the same day')
      const sum = own.clusters.reduce((total, { usdPerHour }) => total + usdPerHour, 0)
      assert.ok(Math.abs(sum - own.usdPerHour) < 1e-6, 'clusters add up')
    })
})

test('an estimate is machines, spot machines and disks, and says what it leaves out', () => {
  const { clusters, usdPerHour, notes } = estimated(configOf(threeClouds))
  const disks = (gigabytes: number, perMonth: number): number => (5 * gigabytes * perMonth) / 730
  const aws = 3 * 0.3328 + 2 * 0.1642 + disks(100, 0.08)
  const azure = 3 * 0.46 + 2 * 0.1 + disks(128, 0.075)
  const gcp = 3 * 0.29508 + 2 * 0.12284 + disks(100, 0.1)
  const expected = [aws, gcp, azure]
  for (const [index, cluster] of clusters.entries())
    assert.ok(Math.abs(cluster.usdPerHour - (expected[index] ?? 0)) < 1e-9, cluster.name)
  assert.ok(Math.abs(usdPerHour - aws - gcp - azure) < 1e-9)
  assert.match(notes.join(' '), /Control planes.*Traffic between clouds/)
  assert.match(estimateText(estimated(configOf(threeClouds))), /in all: \$\d+\.\d\d an hour/)
})

test('the table and its function need no package: `pulumi up` runs where only infra/ is installed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-cost-'))
  try {
    const source = join(import.meta.dirname, '..', '..', 'load-generator', 'src', 'cost')
    for (const name of ['cost.ts', 'price-table.ts']) cpSync(join(source, name), join(folder, name))
    const alone: { priced(bill: unknown): { kind: string } } = await import(
      pathToFileURL(join(folder, 'cost.ts')).href
    )
    assert.equal(alone.priced(billOf(configOf(threeClouds))).kind, 'priced')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('existing clusters cost nothing that this program could know', () => {
  const existing = { cloud: 'existing', name: 'here', kubeconfigFile: 'k', validatorsMax: 100 }
  const config = configOf({ ...threeClouds, clouds: [existing] })
  assert.equal(estimated(config).usdPerHour, 0)
})
