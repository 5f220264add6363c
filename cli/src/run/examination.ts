import { execFileSync } from 'node:child_process'
import { mkdirSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { localPlace } from '../place.ts'
import { bytesText } from '../view/format.ts'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  /** `poor`: a testnet runs, with a drawback. */
  readonly verdict: 'good' | 'poor' | 'bad'
  readonly found: string
  /** How to mend it. */
  readonly advice: string
}

/** Looks at everything that a local testnet needs. Changes nothing but to make the folder of testnets. */
export async function examine(): Promise<readonly Check[]> {
  return [
    node(),
    processors(),
    memory(),
    openFiles(),
    disk(),
    fileSystem(),
    await ports(),
    await loads('signatures (BLS)', '@chainsafe/blst'),
    await loads('embedded store', 'classic-level'),
    await loads('validator configuration', '@shardnet/node/config'),
  ]
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNew = major > 24 || (major === 24 && minor >= 12)
  const advice = 'start through npm start or npx shardnet, which bring Node 24 along'
  return { name: 'Node.js', verdict: isNew ? 'good' : 'bad', found: process.versions.node, advice }
}

function processors(): Check {
  const count = availableParallelism()
  const advice = 'the default testnet is made for 2 or more; expect higher latencies'
  return { name: 'processors', verdict: count >= 2 ? 'good' : 'poor', found: String(count), advice }
}

const MEMORY_BYTES_MIN = 2e9

function memory(): Check {
  const found = `${bytesText(freemem())} free of ${bytesText(totalmem())}`
  const advice = 'a validator takes about 150 MB: start fewer, with --shards 1'
  return {
    name: 'memory',
    verdict: totalmem() >= MEMORY_BYTES_MIN ? 'good' : 'poor',
    found,
    advice,
  }
}

const FILES_MIN = 1_024

function openFiles(): Check {
  const name = 'open files'
  try {
    const text = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
    const isEnough = text === 'unlimited' || Number(text) >= FILES_MIN
    return {
      name,
      verdict: isEnough ? 'good' : 'poor',
      found: text,
      advice: `raise it: ulimit -n ${4 * FILES_MIN}`,
    }
  } catch {
    return { name, verdict: 'poor', found: 'unknown', advice: 'no shell to ask' }
  }
}

const DISK_BYTES_MIN = 2e9

function disk(): Check {
  const { home } = localPlace()
  mkdirSync(home, { recursive: true })
  const { bavail, bsize } = statfsSync(home)
  const free = bavail * bsize
  const advice = 'make room: shardnet ls and shardnet report show what can go'
  return {
    name: 'disk',
    verdict: free >= DISK_BYTES_MIN ? 'good' : 'bad',
    found: `${bytesText(free)} free`,
    advice,
  }
}

const MEMORY_FILE_SYSTEMS = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
])

function fileSystem(): Check {
  const found = MEMORY_FILE_SYSTEMS.get(statfsSync(localPlace().home).type)
  const advice =
    'what is there is gone after a restart, and figures are too good: set SHARDNET_HOME to a folder on a disk'
  return {
    name: 'file system',
    verdict: found === undefined ? 'good' : 'poor',
    found: found ?? 'a disk',
    advice,
  }
}

function ports(): Promise<Check> {
  const { promise, resolve } = Promise.withResolvers<Check>()
  const advice = 'allow programs to listen on 127.0.0.1'
  const server = createServer()
  server.once('error', (error) =>
    resolve({ name: 'loopback', verdict: 'bad', found: error.message, advice }),
  )
  server.listen(0, '127.0.0.1', () => {
    server.close(() => resolve({ name: 'loopback', verdict: 'good', found: 'can listen', advice }))
  })
  return promise
}

async function loads(name: string, specifier: string): Promise<Check> {
  const advice = 'remove node_modules and run npm start again'
  try {
    await import(import.meta.resolve(specifier))
    return { name, verdict: 'good', found: 'loads', advice }
  } catch (error) {
    return {
      name,
      verdict: 'bad',
      found: error instanceof Error ? error.message : String(error),
      advice,
    }
  }
}
