import { ConfigError } from '@shardnet/node/config'
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ArrivalsSpec } from '../src/arrivals.ts'
import { tracedLoad } from '../src/pod/traced-load.ts'
import { WorkloadSpec } from '../src/workload.ts'

async function folderWith(context: TestContext, name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'traced-load-'))
  context.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), text)
  return folder
}

const arrivals = ArrivalsSpec.parse({ process: 'trace', schedule: [] })
const podWith = (file: string) => ({
  workload: WorkloadSpec.parse({ profile: 'trace', file }),
  arrivals,
})

test('a pod sends the rows of its trace at their times', async (context) => {
  const folder = await folderWith(context, 'day.csv', 'timeMs,kind\n0,payments\n12.5,cells\n')
  const load = await tracedLoad(podWith('day.csv'), folder)
  assert.deepEqual([...(load.arrivals.timesMs ?? [])], [0, 12.5])
  assert.equal(load.workload.trace?.kinds.length, 2)
})

test('a trace with bad lines, and one that is not there, are told in words', async (context) => {
  const folder = await folderWith(context, 'day.csv', 'timeMs,kind\n5,payments\n4,nothing\n')
  const linesOf = async (file: string) => {
    const error: unknown = await tracedLoad(podWith(file), folder).catch((each: unknown) => each)
    assert.ok(error instanceof ConfigError)
    return error.message
  }
  const bad = await linesOf('day.csv')
  assert.match(bad, /day\.csv:3: expected kind one of/)
  assert.match(bad, /day\.csv:3: expected timeMs at or after 5/)
  assert.match(await linesOf('night.csv'), /spec\.traceConfigMap.*night\.csv/)
})

test('a name of a file leads nowhere else', async (context) => {
  const folder = await folderWith(context, 'day.csv', 'timeMs,kind\n0,payments\n')
  const load = await tracedLoad(podWith('../elsewhere/day.csv'), folder)
  assert.equal(load.arrivals.timesMs?.length, 1)
})
