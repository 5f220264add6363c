import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { FaultPlan } from '../../src/api/door.ts'
import {
  clearFaults,
  faultsOf,
  launchTestnet,
  type LocalPlace,
  putFaults,
  statusOf,
} from '../../src/local/door.ts'
import { smallTestnet, workshop } from './workshop.ts'

const soon = () => AbortSignal.timeout(60_000)

async function launched(context: TestContext, name: string) {
  const place = await workshop(context)
  const options = { document: smallTestnet(name), isEphemeral: false, portsFrom: null }
  const testnet = launchTestnet(place, options)
  await testnet.waitUntilReady(soon())
  return { place, testnet }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const signal = soon(); !(await isSo()); await delay(20))
    assert(!signal.aborted, `not in time: ${what}`)
}

/** State letter of a process: T while it is stopped. */
function letterOf(pid: number | null): string {
  return spawnSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()
}

async function validatorOf(place: LocalPlace, name: string, index: number) {
  const { validators } = await statusOf(place, name)
  const found = validators[index]
  assert(found)
  return found
}

const on = (validator: number, rest: Readonly<Record<string, unknown>>) =>
  FaultPlan.parse({ selector: { shards: [0], validators: [validator] }, ...rest })

test('a kill is restarted at once, one with a length stays down so long, and neither counts as a crash', async (context) => {
  const { place } = await launched(context, 'killing')
  const before = await validatorOf(place, 'killing', 1)
  const [fault] = await putFaults(place, 'killing', [on(1, { action: 'kill' })])
  assert.deepEqual(fault?.targets, [before.name])
  await until('it is back', async () => {
    const now = await validatorOf(place, 'killing', 1)
    return now.state === 'ready' && now.pid !== before.pid
  })
  const [long] = await putFaults(place, 'killing', [on(1, { action: 'kill', for: '10m' })])
  await until('it is down', async () => (await validatorOf(place, 'killing', 1)).state === 'down')
  await clearFaults(place, 'killing', long?.id ?? '')
  await until('it is back', async () => (await validatorOf(place, 'killing', 1)).state === 'ready')
  const states = (await faultsOf(place, 'killing')).map(({ state }) => state)
  assert.deepEqual(states, ['over', 'cleared'])
})

test('a pause stops the process where it stands and ends by itself; overlapping ones end with the last', async (context) => {
  const { place } = await launched(context, 'pausing')
  const { pid } = await validatorOf(place, 'pausing', 2)
  const pause = (length: string) =>
    putFaults(place, 'pausing', [on(2, { action: 'pause', for: length })])
  await pause('600ms')
  const [longer] = await pause('10m')
  assert.equal(letterOf(pid)[0], 'T')
  assert.equal((await validatorOf(place, 'pausing', 2)).state, 'paused')
  await until(
    'the first is over',
    async () => (await faultsOf(place, 'pausing'))[0]?.state === 'over',
  )
  assert.equal(letterOf(pid)[0], 'T')
  await clearFaults(place, 'pausing', longer?.id ?? '')
  await until('it goes on', () => letterOf(pid)[0] !== 'T')
  assert.equal((await validatorOf(place, 'pausing', 2)).pid, pid)
})

test('a scheduled fault begins at its time without whoever asked for it, and can be taken back before', async (context) => {
  const { place } = await launched(context, 'later')
  const { pid } = await validatorOf(place, 'later', 0)
  const [soonest, never] = await putFaults(place, 'later', [
    on(0, { action: 'kill', at: '300ms' }),
    on(3, { action: 'kill', at: '10m' }),
  ])
  assert.equal(soonest?.state, 'scheduled')
  await clearFaults(place, 'later', never?.id ?? '')
  await until('it was killed', async () => (await validatorOf(place, 'later', 0)).pid !== pid)
  const [, cleared] = await faultsOf(place, 'later')
  assert.deepEqual([cleared?.state, cleared?.targets], ['cleared', []])
})

test('a validator that is paused when its supervisor is killed is continued, sees that, and ends', async (context) => {
  const { place, testnet } = await launched(context, 'orphan')
  const { pid } = await validatorOf(place, 'orphan', 0)
  await putFaults(place, 'orphan', [on(0, { action: 'pause', for: '1s' })])
  process.kill(testnet.supervisor.pid, 'SIGKILL')
  await until('it ended', () => letterOf(pid) === '' || letterOf(pid).startsWith('Z'))
})

test('a fault on links that nobody takes is tried until its end and then told as failed', async (context) => {
  const { place, testnet } = await launched(context, 'deaf') // The stand-in has no door for faults.
  const [fault] = await putFaults(place, 'deaf', [
    on(0, { action: 'loss', share: '5%', for: '800ms' }),
  ])
  await until('it is over', async () => (await faultsOf(place, 'deaf'))[0]?.state === 'failed')
  const [status] = await faultsOf(place, 'deaf')
  assert.equal(status?.id, fault?.id)
  assert.match(status?.notes.join() ?? '', /could not be reached/)
  assert.match(readFileSync(testnet.folder.supervisorLog, 'utf8'), /no answer from the admin door/)
})

test('a selector beyond the testnet takes no fault at all', async (context) => {
  const { place } = await launched(context, 'beyond')
  const faults = [on(0, { action: 'kill' }), on(7, { action: 'kill' })]
  await assert.rejects(putFaults(place, 'beyond', faults), {
    code: 'unsupported',
    message: /selector.validators\[0\]: expected below 4/,
  })
  assert.deepEqual(await faultsOf(place, 'beyond'), [])
})
