import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { LoadResult } from '@shardnet/load-generator'
import { z } from 'zod'
import { Workplace } from './shardnet.ts'

const Status = z.object({
  state: z.string(),
  supervisor: z.object({ pid: z.number() }).nullable(),
  validators: z.array(
    z.object({
      pid: z.number().nullable(),
      state: z.string(),
      height: z.number().nullable(),
      restarts: z.number(),
    }),
  ),
})

async function statusOf(place: Workplace, name: string) {
  return Status.parse(JSON.parse((await place.run(['status', name, '--json', '-'])).output))
}

/** Every process of a testnet that is there now. */
async function processesOf(place: Workplace, name: string): Promise<readonly number[]> {
  const { validators, supervisor } = await statusOf(place, name)
  return [supervisor?.pid, ...validators.map(({ pid }) => pid)].filter(
    (pid) => typeof pid === 'number',
  )
}

/** A zombie that nobody has collected yet does nothing any more. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

function resultIn(folder: string): LoadResult {
  return LoadResult.parse(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')))
}

/** Small and slow enough for any machine. */
const GENTLE = ['--shards', '2', '--rate', '40', '--duration', '4s', '--out', 'out']

describe('start', () => {
  test('runs a testnet, passes its own checks, and leaves a report and no process', async (context) => {
    const place = await Workplace.create(context)
    const run = place.start(['start', ...GENTLE, '--json', 'copy.json'])
    await run.says('First block')
    const processes = await processesOf(place, 'local')
    assert.equal(processes.length, 9)
    const { code, output, errors } = await run.ended
    assert.equal(code, 0, errors + output)
    assert.match(output, /PASSED/)
    assert.match(output, /TEST KEY/)
    assert.deepEqual(processes.filter(isAlive), [])
    const result = resultIn(join(place.home, 'out'))
    assert.equal(result.safety.kind, 'passed')
    assert.equal(result.counts.lost, 0)
    assert.ok(result.counts.committed > 0 && result.counts.committedCrossShard > 0)
    assert.deepEqual(
      LoadResult.parse(JSON.parse(readFileSync(join(place.home, 'copy.json'), 'utf8'))),
      result,
    )
    assert.match(readFileSync(join(place.home, 'out', 'report.html'), 'utf8'), /<html/)
  })

  test('Ctrl-C ends it in good order, with a report of what was measured', async (context) => {
    const place = await Workplace.create(context)
    const run = place.start([
      'start',
      '--rate',
      '40',
      '--duration',
      '10m',
      '--out',
      'out',
      '--json',
      '-',
    ])
    await until(async () => {
      const { validators } = await statusIfThere(place)
      return validators.length > 0 && validators.every(({ height }) => (height ?? 0) >= 8)
    })
    const processes = await processesOf(place, 'local')
    run.child.kill('SIGINT')
    const { code, output, errors } = await run.ended
    assert.equal(code, 130, errors)
    assert.match(errors, /Ending in good order/)
    const result = LoadResult.parse(JSON.parse(output))
    assert.equal(result.interrupted, true)
    assert.equal(result.safety.kind, 'passed')
    assert.ok(result.counts.committed > 0)
    assert.equal(result.counts.lost, 0)
    assert.deepEqual(processes.filter(isAlive), [])
  })

  test('killed, it takes all of its processes along, and the next run has the name again', async (context) => {
    const place = await Workplace.create(context)
    const run = place.start(['start', '--rate', '40', '--duration', '10m', '--out', 'out'])
    await run.says('First block')
    const processes = await processesOf(place, 'local')
    run.child.kill('SIGKILL')
    await until(() => Promise.resolve(!processes.some(isAlive)))
    const { code, output } = await place.run(['start', ...GENTLE])
    assert.equal(code, 0, output)
    assert.match(output, /Testnet local:/)
  })
})

describe('in steps', () => {
  test('up, ls, status, send, load, logs and down do the same', async (context) => {
    const place = await Workplace.create(context)
    const up = await place.run(['up', '--detach', '--name', 'steps'])
    assert.equal(up.code, 0, up.errors)
    const page = /Live page and RPC[^]*?(http:\S+\/)/.exec(up.output + up.errors)?.[1] ?? ''
    assert.match(await (await fetch(page)).text(), /<!doctype html>/, up.output)
    const processes = await processesOf(place, 'steps')
    assert.equal(processes.filter(isAlive).length, 9, 'it outlives the command')
    assert.match((await place.run(['ls'])).output, /steps\s+ready\s+2\s+8\/8/)

    const near = await place.run(['send', '--from', '0/1', '--to', '0/2', '--amount', '5'])
    assert.match(near.output, /: OK in block \d+ of shard 0\n/)
    const far = await place.run(['send', '--from', '0/1', '--to', '1/2', '--amount', '5'])
    assert.match(far.output, /: OK in block \d+ of shard 0, credited at height \d+ of shard 1\n/)
    const poor = await place.run(['send', '--from', '1/3', '--to', '0/2', '--amount', '99999999'])
    assert.deepEqual([poor.code, /INSUFFICIENT/.test(poor.output)], [1, true])

    const words = async (...line: string[]) => (await place.run(['send', ...line])).output.trim()
    assert.match(
      await words('get', '--cell', 'note'),
      /: OK in block \d+ of shard 0, read nothing$/,
    )
    assert.match(await words('put', '--cell', 'note', '--value', 'one'), /: OK in block \d+/)
    const swap = ['compareAndSet', '--cell', 'note', '--expect', 'one', '--value', '0x00ff']
    assert.match(await words(...swap), /: OK in block/)
    assert.match(await words(...swap), /: CAS_MISMATCH in block/)
    assert.match(await words('get', '--cell', 'note'), /, read 0x00ff$/)
    const mixed = await place.run(['send', 'get', '--value', 'x', '--amount', '1', '--fee', '-1'])
    assert.equal(mixed.code, 2)
    for (const flag of ['amount', 'fee', 'value', 'cell'])
      assert.match(mixed.errors, new RegExp(`--${flag}: expected`))

    const victim = (await statusOf(place, 'steps')).validators[2]
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    await until(async () => (await statusOf(place, 'steps')).validators[2]?.restarts === 1)
    const load = await place.run(['load', '--rate', '40', '--duration', '4s', '--out', 'out'])
    assert.equal(load.code, 0, load.errors + load.output)
    assert.equal(resultIn(join(place.home, 'out')).safety.kind, 'notChecked')
    assert.match(
      (await place.run(['logs', 'steps', '0/2', '--lines', '200'])).output,
      /steps-g1-shard-0-2 {2}.*ready/,
    )

    const down = await place.run(['down', 'steps', '--check'])
    assert.equal(down.code, 0, down.output)
    assert.match(down.output, /9 processes ended/)
    assert.match(down.output, /Safety check passed/)
    assert.deepEqual(processes.filter(isAlive), [])
    const folder = join(place.home, 'testnets', 'steps')
    assert.ok(statSync(folder).isDirectory())
    assert.equal((await place.run(['down', 'steps', '--remove-data'])).code, 0)
    assert.throws(() => statSync(folder), { code: 'ENOENT' })
  })
})

async function statusIfThere(place: Workplace): Promise<z.infer<typeof Status>> {
  const { code, output } = await place.run(['status', 'local', '--json', '-'])
  return code === 0
    ? Status.parse(JSON.parse(output))
    : { state: 'none', supervisor: null, validators: [] }
}

/** Looks until it is so. The bound is for a test that fails. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const signal = AbortSignal.timeout(120_000); !(await isSo());) {
    signal.throwIfAborted()
    await delay(50)
  }
}
