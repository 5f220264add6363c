import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  applyTo,
  type LaunchedTestnet,
  launchTestnet,
  LocalError,
  type LocalPlace,
  statusOf,
  takeDown,
  type TestnetStatus,
} from '../../src/local/door.ts'
import {
  identityOf,
  isRunning,
  type ProcessIdentity,
  waitForEnd,
} from '../../src/local/process-identity.ts'
import { smallTestnet, workshop } from './workshop.ts'

const soon = () => AbortSignal.timeout(30_000)

function launch(place: LocalPlace, name: string): LaunchedTestnet {
  return launchTestnet(place, { document: smallTestnet(name), isEphemeral: false, portsFrom: null })
}

function identitiesOf(status: TestnetStatus): ProcessIdentity[] {
  return status.validators.flatMap(({ pid }) => {
    const identity = pid === null ? null : identityOf(pid)
    return identity === null ? [] : [identity]
  })
}

/** Looks until it is so. The bound is for a test that fails. */
async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const signal = soon(); !(await isSo());) {
    if (signal.aborted) assert.fail(`not in time: ${what}`)
    await delay(20)
  }
}

test('a testnet comes up, is told by status, and goes down to the last process', async (context) => {
  const place = await workshop(context)
  const launched = launch(place, 'one')
  const status = await launched.waitUntilReady(soon())
  assert.equal(status.validators.length, 4)
  assert.deepEqual(
    status.validators.map(({ name }) => name),
    ['one-g1-shard-0-0', 'one-g1-shard-0-1', 'one-g1-shard-0-2', 'one-g1-shard-0-3'],
  )
  const running = [...identitiesOf(status), launched.supervisor]
  assert.equal(running.filter(isRunning).length, 5)
  assert.equal(statSync(join(status.folder, 'root.secret')).mode & 0o777, 0o600)
  await launched.stop()
  assert.deepEqual(running.filter(isRunning), [])
  assert.equal((await statusOf(place, 'one')).state, 'stopped')
})

test('a validator that is killed comes back, later each time, on the same ports and data', async (context) => {
  const place = await workshop(context)
  const launched = launch(place, 'back')
  let status = await launched.waitUntilReady(soon())
  const before = status.validators[2]
  assert.ok(before)
  writeFileSync(join(before.dataDirectory, 'votes'), 'never again')
  const down: number[] = []
  for (let death = 1; death <= 3; death++) {
    const pid = (await statusOf(place, 'back')).validators[2]?.pid
    assert.ok(pid)
    process.kill(pid, 'SIGKILL')
    const killedAt = performance.now()
    await until('restarted', async () => {
      status = await statusOf(place, 'back')
      const now = status.validators[2]
      return now?.state === 'ready' && now.pid !== pid
    })
    down.push(performance.now() - killedAt)
    assert.equal(status.validators[2]?.restarts, death)
    assert.match(status.validators[2]?.lastEnd ?? '', /SIGKILL/)
  }
  assert.ok(
    (down[0] ?? 0) >= 250 && (down[1] ?? 0) >= 500 && (down[2] ?? 0) >= 1_000,
    `down for ${down.join(', ')} ms`,
  )
  assert.equal(status.validators[2]?.httpAddress, before.httpAddress)
  assert.equal(readFileSync(join(before.dataDirectory, 'votes'), 'utf8'), 'never again')
  await launched.stop()
})

test('ports and data are kept from one up to the next', async (context) => {
  const place = await workshop(context)
  const first = launch(place, 'again')
  const before = await first.waitUntilReady(soon())
  await first.stop()
  const second = launch(place, 'again')
  const after = await second.waitUntilReady(soon())
  assert.deepEqual(
    after.validators.map(({ httpAddress, p2pAddress }) => [httpAddress, p2pAddress]),
    before.validators.map(({ httpAddress, p2pAddress }) => [httpAddress, p2pAddress]),
  )
  assert.equal(after.networkId, before.networkId)
  await second.stop()
})

test('when the launcher is killed, nothing of its testnet goes on', async (context) => {
  const place = await workshop(context)
  const order = JSON.stringify({ place, document: smallTestnet('orphan') })
  const launcher = fork(fileURLToPath(new URL('launcher.ts', import.meta.url)), [order])
  await once(launcher, 'message')
  const status = await statusOf(place, 'orphan')
  const all = [...identitiesOf(status), ...(status.supervisor === null ? [] : [status.supervisor])]
  assert.equal(all.length, 5)
  launcher.kill('SIGKILL')
  assert.ok(await waitForEnd(all, 20_000), 'all have ended by themselves')
})

test('when the supervisor is killed, its validators end, and down finds nothing left', async (context) => {
  const place = await workshop(context)
  const launched = launch(place, 'headless')
  const status = await launched.waitUntilReady(soon())
  await launched.detach()
  const validators = identitiesOf(status)
  process.kill(launched.supervisor.pid, 'SIGKILL')
  assert.ok(await waitForEnd(validators, 20_000), 'the validators have ended by themselves')
  assert.deepEqual(await takeDown(place, 'headless', false), { processes: 0, isDataRemoved: false })
  assert.equal((await statusOf(place, 'headless')).state, 'stopped')
})

test('down ends a validator that could not notice the death of its supervisor, and no stranger with an old id', async (context) => {
  const place = await workshop(context)
  const launched = launch(place, 'stuck')
  const status = await launched.waitUntilReady(soon())
  await launched.detach()
  const validators = identitiesOf(status)
  // Whatever becomes of this test, nothing that is stopped stays behind.
  context.after(() =>
    validators.filter(isRunning).forEach(({ pid }) => process.kill(pid, 'SIGKILL')),
  )
  for (const { pid } of validators) process.kill(pid, 'SIGSTOP')
  process.kill(launched.supervisor.pid, 'SIGKILL')
  await waitForEnd([launched.supervisor], 10_000)
  // One of the ids in the state now belongs to a stranger: this very process.
  const file = join(status.folder, 'testnet.json')
  const [first] = validators
  assert.ok(first)
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(`"pid": ${first.pid}`, `"pid": ${process.pid}`),
  )
  assert.deepEqual(await takeDown(place, 'stuck', false), { processes: 3, isDataRemoved: false })
  assert.deepEqual(validators.filter(isRunning), [first])
})

test('a detached testnet outlives its launcher and goes down by name, others stay', async (context) => {
  const place = await workshop(context)
  const [left, right] = [launch(place, 'left'), launch(place, 'right')]
  const [leftStatus, rightStatus] = await Promise.all([
    left.waitUntilReady(soon()),
    right.waitUntilReady(soon()),
  ])
  await Promise.all([left.detach(), right.detach()])
  const ports = [...leftStatus.validators, ...rightStatus.validators].flatMap((each) => [
    each.httpAddress,
    each.p2pAddress,
  ])
  assert.equal(new Set(ports).size, 16)
  assert.deepEqual(await takeDown(place, 'left', true), { processes: 5, isDataRemoved: true })
  assert.deepEqual(identitiesOf(leftStatus).filter(isRunning), [])
  assert.equal(identitiesOf(rightStatus).filter(isRunning).length, 4)
  assert.equal((await statusOf(place, 'right')).state, 'ready')
  assert.equal((await takeDown(place, 'right', true)).processes, 5)
})

test('a name that is running is refused', async (context) => {
  const place = await workshop(context)
  const launched = launch(place, 'taken')
  await launched.waitUntilReady(soon())
  assert.throws(() => launch(place, 'taken'), { name: 'LocalError', code: 'alreadyRunning' })
  await launched.stop()
})

test('a port of the testnet that somebody else has by now is named', async (context) => {
  const place = await workshop(context)
  const first = launch(place, 'port')
  const status = await first.waitUntilReady(soon())
  await first.stop()
  const port = Number(status.validators[1]?.httpAddress.split(':')[1])
  const squatter = createServer().listen(port, '127.0.0.1')
  await once(squatter, 'listening')
  const second = launch(place, 'port')
  await assert.rejects(second.waitUntilReady(soon()), new RegExp(`Port ${port} .* is in use`))
  squatter.close()
})

test('a validator that cannot start is told with its own words', async (context) => {
  const place = await workshop(context)
  const first = launch(place, 'sick')
  const status = await first.waitUntilReady(soon())
  await first.stop()
  const folder = dirname(status.validators[3]?.dataDirectory ?? '')
  writeFileSync(join(folder, 'orders'), 'die')
  const second = launch(place, 'sick')
  await assert.rejects(second.waitUntilReady(soon()), (error: unknown) => {
    assert.ok(error instanceof LocalError)
    assert.match(error.message, /sick-g1-shard-0-3 does not start: it was told to \(exit code 3\)/)
    return true
  })
  await second.stop()
})

test('more shards are a new generation, and the old one goes when the new one is ready', async (context) => {
  const place = await workshop(context)
  const launched = launch(place, 'grow')
  const before = await launched.waitUntilReady(soon())
  const old = identitiesOf(before)
  await applyTo(place, smallTestnet('grow', { shards: 2, genesis: { accountsPerShard: 4 } }))
  await until('the old generation is gone', () => !old.some(isRunning))
  const after = await launched.waitUntilReady(soon())
  assert.equal(after.network?.generation, 2)
  assert.equal(after.validators.length, 8)
  assert.notEqual(after.networkId, before.networkId)
  await assert.rejects(
    applyTo(place, smallTestnet('grow', { genesis: { seed: 'other', accountsPerShard: 4 } })),
    {
      code: 'unsupported',
      message: /spec.genesis.seed: expected "shardnet"/,
    },
  )
  await launched.stop()
})

test('a testnet ends itself when its time to live is over', async (context) => {
  const place = await workshop(context)
  const document = smallTestnet('mayfly', { ttl: '4s', genesis: { accountsPerShard: 4 } })
  const launched = launchTestnet(place, { document, isEphemeral: false, portsFrom: null })
  await launched.waitUntilReady(soon())
  await launched.detach()
  assert.ok(await waitForEnd([launched.supervisor], 20_000))
  const status = await statusOf(place, 'mayfly')
  assert.deepEqual([status.state, status.validators], ['stopped', []])
})
