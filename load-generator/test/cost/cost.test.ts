import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Cost } from '../../src/result/cost-shape.ts'
import { costSectionOf, priced, type Bill, type MachineGroup } from '../../src/cost/cost.ts'
import { billOfLayout, Layout } from '../../src/cost/layout.ts'
import { priceSources, regionPrices } from '../../src/cost/price-table.ts'
import { estimatedTraffic, measuredTraffic } from '../../src/cost/traffic.ts'
import type { Reading, ValidatorReading } from '../../src/resources/reading.ts'

const HOUR = 3_600_000

function group(change: Partial<MachineGroup> = {}): MachineGroup {
  return {
    place: 'a',
    cloud: 'aws',
    region: 'us-east-1',
    machineType: 't3.small',
    purchase: 'onDemand',
    count: 10,
    diskGigabytes: 0,
    pricePerHour: null,
    ...change,
  }
}

function pricedBill(change: Partial<Bill> = {}) {
  const bill = priced({ machines: [group()], traffic: [], runMs: HOUR, committed: null, ...change })
  assert.equal(bill.kind, 'priced')
  return bill
}

test('ten machines for an hour, by hand', () => {
  const { figures } = pricedBill({ committed: 2e6 })
  assert.equal(figures.perHour.toFixed(6), '0.208000')
  assert.equal(figures.run.toFixed(6), '0.208000')
  assert.equal(figures.perMillionCommitted?.toFixed(6), '0.104000')
  assert.equal(pricedBill({ runMs: HOUR / 4 }).figures.run.toFixed(6), '0.052000')
  assert.equal(
    pricedBill({ committed: 0 }).figures.perMillionCommitted,
    null,
    'nothing is not free',
  )
})

test('egress: free inside a region, dearer the further, dearest to another cloud', () => {
  const machines = [
    group(),
    group({ place: 'b' }),
    group({ place: 'c', region: 'eu-west-1' }),
    group({ place: 'd', cloud: 'gcp', region: 'europe-west4', machineType: 'e2-standard-2' }),
  ]
  const traffic = ['b', 'c', 'd'].map((to) => ({ from: 'a', to, bytes: 1e9, isMeasured: true }))
  const { egress } = pricedBill({ machines, traffic })
  assert.deepEqual(
    egress.map(({ cost }) => cost),
    [0, 0.02, 0.09],
  )
})

test('a known price of a machine wins over the table, also where the table has nothing', () => {
  const own = group({ cloud: 'other', region: 'cellar', machineType: 'old', pricePerHour: 0.5 })
  assert.equal(pricedBill({ machines: [own] }).figures.perHour, 5)
})

test('everything without a price is told at once, with what there is', () => {
  const machines = [
    group({ cloud: 'ibm' }),
    group({ region: 'mars-1' }),
    group({ machineType: 'm9.huge' }),
    group({ cloud: 'azure', region: 'eastus', machineType: 'Standard_B1s', purchase: 'spot' }),
  ]
  const bill = priced({ machines, traffic: [], runMs: 1, committed: null })
  assert.equal(bill.kind, 'unpriced')
  assert.deepEqual(
    bill.problems.map(({ index, field }) => `${index} ${field}`),
    ['0 cloud', '1 region', '2 machineType', '3 purchase'],
  )
  assert.match(bill.problems[1]?.expected ?? '', /us-east-1/)
})

test('what is only estimated says so', () => {
  const guess = pricedBill({ machines: [group({ machineType: 't3.micro', purchase: 'spot' })] })
  assert.equal(guess.machines[0]?.isVerified, false)
  assert.match(guess.notes.join(), /Estimated, not published: the price of t3.micro/)
  assert.equal(pricedBill().machines[0]?.isVerified, true)
})

test('the table: every price positive, spot below on demand, sources dated, regions once', () => {
  const names = regionPrices.map(({ cloud, region }) => `${cloud} ${region}`)
  assert.equal(new Set(names).size, names.length)
  for (const { region, machines, egressToSameContinent, egressToInternet } of regionPrices) {
    assert.ok(egressToSameContinent > 0 && egressToSameContinent <= egressToInternet, region)
    for (const { machineType, onDemand, spot } of machines) {
      assert.ok(onDemand.perHour > 0, machineType)
      assert.ok(
        spot === null || (spot.perHour > 0 && spot.perHour < onDemand.perHour),
        `${region} ${machineType}`,
      )
    }
  }
  for (const { date } of Object.values(priceSources)) assert.match(date, /^\d{4}-\d{2}-\d{2}$/)
})

test('cost is linear: twice the machines, time and bytes cost twice', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 1e9 }),
      (count, bytes) => {
        const machines = (factor: number) => [
          group({ count: count * factor }),
          group({ place: 'c', region: 'eu-west-1', count }),
        ]
        const traffic = (factor: number) => [
          { from: 'a', to: 'c', bytes: bytes * factor, isMeasured: false },
        ]
        const one = pricedBill({ machines: machines(1), traffic: traffic(1) }).figures
        const long = pricedBill({
          machines: machines(1),
          traffic: traffic(2),
          runMs: 2 * HOUR,
        }).figures
        assert.ok(Math.abs(long.run - 2 * one.run) < 1e-9 * long.run)
      },
    ),
  )
})

test('a shard in one place sends only what crosses shards; a shard over all sends its batches', () => {
  const base = {
    shards: 4,
    validatorsPerShard: 4,
    committed: 1_000_000,
    transactionBytes: 168,
    crossShard: 0.3,
  }
  const near = estimatedTraffic({ ...base, placeOf: (shard) => `p${shard % 2}` })
  const far = estimatedTraffic({ ...base, placeOf: (_, validator) => `p${validator % 2}` })
  const bytes = (links: readonly { readonly bytes: number }[]) =>
    links.reduce((sum, link) => sum + link.bytes, 0)
  assert.ok(bytes(near) > 0 && bytes(far) > 3 * bytes(near), `${bytes(near)} ${bytes(far)}`)
  assert.equal(bytes(estimatedTraffic({ ...base, placeOf: () => 'one' })), 0)
})

test('measured egress follows what validators say they sent, by purpose', () => {
  const reading = (shard: number, validator: number, bytes: number): ValidatorReading => ({
    shard,
    validator,
    startTimeSeconds: 1,
    cpuSeconds: 0,
    eventLoopDelaySeconds: 0,
    signatureChecks: 0,
    signatureSeconds: 0,
    sentBytes: { consensus: bytes, data: 2 * bytes, sync: 0, crossshard: 4 * bytes },
    queuedBytes: 0,
    droppedFrames: 0,
    writtenBytes: 0,
    fsyncs: 0,
    fsyncSeconds: 0,
    fsyncBuckets: new Map(),
    busyTransactions: 0,
    skips: 0,
  })
  const all = (bytes: number) =>
    [0, 1].flatMap((shard) => [0, 1, 2, 3].map((validator) => reading(shard, validator, bytes)))
  const at = (atMs: number, bytes: number): Reading => ({
    atMs,
    validators: all(bytes),
    generatorCpuSeconds: 0,
    machineCpuSeconds: null,
  })
  const links = measuredTraffic(
    [at(0, 0), at(1_000, 300)],
    { shards: 2, validatorsPerShard: 4 },
    (shard) => `p${shard}`,
  )
  // 4 validators x 1,200 bytes of bundles each way; what stays inside of a shard stays inside of its place.
  assert.deepEqual(links, [
    { from: 'p0', to: 'p1', bytes: 4_800, isMeasured: true },
    { from: 'p1', to: 'p0', bytes: 4_800, isMeasured: true },
  ])
})

test('a layout becomes a bill, and a bill the section of a result', () => {
  const layout = Layout.parse({
    kind: 'Layout',
    name: 'two',
    shards: 2,
    validators: 8,
    for: '1h',
    committedPerSecond: 1_000,
    places: [
      { cloud: 'aws', region: 'us-east-1', machineType: 't3.medium', machines: 4 },
      { cloud: 'gcp', region: 'europe-west4', machineType: 'e2-standard-2', machines: 4 },
    ],
  })
  const section = costSectionOf(priced(billOfLayout(layout)), null, null)
  assert.ok(section !== null)
  assert.deepEqual(Cost.parse(section), section)
  assert.equal(section.estimate?.machinesPerHour.toFixed(5), (4 * 0.0416 + 4 * 0.07377).toFixed(5))
  assert.equal(section.egress.length, 2, 'one link each way')
})

test('the layout of 2018: 42,000 machines in eleven regions have a price', () => {
  const file = new URL('../../../operator/examples/layout-2018.yaml', import.meta.url)
  const text = readFileSync(file, 'utf8')
  assert.equal(text.match(/cloud: /g)?.length, 11)
  const machines = [
    ...text.matchAll(/cloud: (\w+), region: ([\w-]+), machineType: ([\w.]+), machines: (\d+)/g),
  ].map(([, cloud = '', region = '', machineType = '', count = '0']) =>
    group({ place: region, cloud, region, machineType, count: Number(count) }),
  )
  assert.equal(
    machines.reduce((sum, { count }) => sum + count, 0),
    42_000,
  )
  const { figures } = pricedBill({ machines })
  assert.ok(
    figures.machinesPerHour > 400 && figures.machinesPerHour < 600,
    `${figures.machinesPerHour}`,
  )
})
