import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { pino } from 'pino'
import { AdminCallError, AdminClient } from '../../src/client/admin-client.ts'
import { LINK_RULES_MAX } from '../../src/client/link-rule.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { Secret } from '../../src/config/secret.ts'
import { AdminServer } from '../../src/host/admin/admin-server.ts'
import { loadAdminToken } from '../../src/host/admin/admin-token.ts'
import { LinkBook } from '../../src/host/admin/link-book.ts'
import { RuleLinkShaper } from '../../src/host/network/rule-link-shaper.ts'

const TOKEN = 'a-token-of-the-tests-0123'

async function openDoor(context: TestContext, folder?: string) {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'shardnet-admin-')))
  if (folder === undefined) context.after(() => rm(home, { recursive: true, force: true }))
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const shaper = new RuleLinkShaper((rule) => logger.warn({ rule }, 'link rule over'))
  const file = join(home, 'link-rules.json')
  const links = await LinkBook.open(file, shaper, logger)
  const token = new Secret(Buffer.from(TOKEN))
  const server = new AdminServer({ listen: { host: '127.0.0.1', port: 0 }, token, links, logger })
  await server.start()
  context.after(() => server.stop())
  const address = `${server.address.host}:${server.address.port}`
  return { home, file, shaper, lines, address, client: new AdminClient(address, TOKEN) }
}

const PEER = { shard: 1, validator: 2 }

test('rules are put, listed, replaced and cleared, and each change is a log line', async (context) => {
  const { client, shaper, lines } = await openDoor(context)
  await client.putLinks([
    { id: 'slow', peers: 'all', latencyMs: 50, forMs: 60_000 },
    { id: 'cut', peers: [PEER], direction: 'inbound', isPartitioned: true, forMs: 60_000 },
  ])
  const replaced = await client.putLinks([
    { id: 'slow', peers: 'all', latencyMs: 70, forMs: 60_000 },
  ])
  assert.deepEqual(
    replaced.map(({ id, latencyMs }) => [id, latencyMs]),
    [
      ['slow', 70],
      ['cut', 0],
    ],
  )
  assert.deepEqual(shaper.rules, replaced)
  assert.deepEqual(await client.clearLinks('slow'), [replaced[1]])
  assert.deepEqual(await client.clearLinks('unknown'), [replaced[1]])
  assert.deepEqual(await client.clearLinks(), [])
  const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
  assert.deepEqual(said, [
    'link rule put',
    'link rule put',
    'link rule put',
    'link rule cleared',
    'link rule cleared',
  ])
})

test('rules outlive the process until their own end, and a damaged file ends them', async (context) => {
  const first = await openDoor(context)
  await first.client.putLinks([
    { id: 'long', peers: 'all', loss: 0.5, forMs: 60_000 },
    { id: 'short', peers: 'all', latencyMs: 5, forMs: 1 },
  ])
  const second = await openDoor(context, first.home)
  assert.deepEqual(
    (await second.client.links()).map(({ id }) => id),
    ['long'],
  )
  await writeFile(first.file, (await readFile(first.file, 'utf8')).slice(0, 40))
  const third = await openDoor(context, first.home)
  assert.deepEqual(await third.client.links(), [])
  assert.match(third.lines.join(''), /link rules cannot be read/)
})

test('every problem of a body is told at once, and nothing of it is put', async (context) => {
  const { client, shaper } = await openDoor(context)
  const bad = client.putLinks([
    { id: 'UPPER', peers: 'all', latencyMs: 5, forMs: 0 },
    { id: 'idle', peers: [], loss: 2, forMs: 1_000 },
    { id: 'nothing', peers: 'all', forMs: 1_000 },
    { id: 'fine', peers: 'all', latencyMs: 1, forMs: 1_000 },
  ])
  await assert.rejects(bad, (error) => {
    assert(error instanceof AdminCallError)
    assert.equal(error.status, 400)
    for (const told of [
      'rules[0].id: expected at most 63',
      'rules[0].forMs: expected at least 1',
      'rules[1].peers',
      'rules[1].loss: expected at most 1',
      'rules[2]: expected at least one of',
    ])
      assert(error.message.includes(told), `${told} in ${error.message}`)
    return true
  })
  assert.deepEqual(shaper.rules, [])
})

test('the number of rules is bounded over several requests', async (context) => {
  const { client } = await openDoor(context)
  const rules = Array.from({ length: LINK_RULES_MAX }, (_, index) => ({
    id: `r-${index}`,
    peers: 'all' as const,
    latencyMs: 1,
    forMs: 60_000,
  }))
  await client.putLinks(rules)
  await assert.rejects(
    client.putLinks([{ id: 'more', peers: 'all', latencyMs: 1, forMs: 1_000 }]),
    /at most 64 rules/,
  )
})

test('nobody without the token gets in, nor a page of a browser', async (context) => {
  const { address } = await openDoor(context)
  const url = `http://${address}/v1/links`
  const attempts: RequestInit[] = [
    {},
    { headers: { authorization: `Bearer ${TOKEN}x` } },
    { headers: { authorization: `Basic ${TOKEN}` } },
    { headers: { authorization: `Bearer ${TOKEN}`, origin: 'http://elsewhere.test' } },
  ]
  for (const attempt of attempts) assert.equal((await fetch(url, attempt)).status, 401)
  const headers = { authorization: `Bearer ${TOKEN}` }
  assert.equal((await fetch(url, { headers })).status, 200)
  assert.equal((await fetch(`${url}/../x`, { headers })).status, 404)
  assert.equal((await fetch(url, { headers, method: 'POST' })).status, 405)
  const large = { headers, method: 'PUT', body: 'x'.repeat(300_000) }
  assert.equal((await fetch(url, large)).status, 413)
})

test('a token that is too short or not there is one sentence that does not quote it', async (context) => {
  const home = await mkdtemp(join(tmpdir(), 'shardnet-admin-'))
  context.after(() => rm(home, { recursive: true, force: true }))
  const file = join(home, 'token')
  await assert.rejects(loadAdminToken(file), /expected a readable file, got ENOENT/)
  await writeFile(file, 'short\n')
  await assert.rejects(loadAdminToken(file), (error) => {
    assert(error instanceof ConfigError)
    return !error.message.includes('short')
  })
  await writeFile(file, `${TOKEN}\n`)
  assert.equal(Buffer.from((await loadAdminToken(file)).reveal()).toString(), TOKEN)
})
