import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createGenesis, formatGenesis } from '../../src/config/genesis.ts'
import type { Genesis } from '../../src/config/genesis-document.ts'
import { ensureAccountTable } from '../../src/config/accounts.ts'
import { formatAddressBook, type NodeConfigInput } from '../../src/config/node-config.ts'
import type { ProtocolParameters } from '../../src/config/protocol-parameters.ts'
import { createRootSecret, saveValidatorKeys } from '../../src/config/validator-keys.ts'
import { SignatureKernel } from '../../src/host/signatures/kernel.ts'

const MAIN = new URL('../../src/host/main.ts', import.meta.url).pathname

export interface TestnetOptions {
  readonly shards: number
  readonly validatorsPerShard: number
  readonly accountsPerShard?: number
  readonly protocol?: Partial<ProtocolParameters>
}

export interface Seat {
  readonly shard: number
  readonly validator: number
  readonly http: string
  readonly configFile: string
  readonly dataDirectory: string
  child: ChildProcess | null
}

/** Real validator processes in a folder of their own, on free loopback ports. */
export class ProcessTestnet {
  readonly folder: string
  readonly genesis: Genesis
  readonly genesisFile: string
  readonly accountsFile: string
  readonly accountTable: Uint8Array
  readonly seats: readonly Seat[]

  private constructor(parts: {
    folder: string
    genesis: Genesis
    table: { file: string; bytes: Uint8Array }
    seats: Seat[]
  }) {
    this.folder = parts.folder
    this.genesis = parts.genesis
    this.genesisFile = join(parts.folder, 'genesis.json')
    this.accountsFile = parts.table.file
    this.accountTable = parts.table.bytes
    this.seats = parts.seats
  }

  static async create(parent: string, options: TestnetOptions): Promise<ProcessTestnet> {
    const { shards, validatorsPerShard, accountsPerShard = 200, protocol = {} } = options
    await mkdir(parent, { recursive: true })
    const folder = await mkdtemp(join(parent, 'testnet-'))
    const kernel = SignatureKernel.load()
    const plan = { seed: 'test', shards, perShard: accountsPerShard }
    const table = await ensureAccountTable(join(folder, 'accounts'), plan, (seeds) =>
      kernel.derivePublicKeys(seeds),
    )
    const { genesis, keys } = createGenesis({
      seed: 'test',
      shards,
      validatorsPerShard,
      protocol,
      accounts: { perShard: accountsPerShard, balance: '1000000', tableHash: table.hash },
      rootSecret: createRootSecret(),
    })
    await writeFile(join(folder, 'genesis.json'), formatGenesis(genesis))
    const ports = await freePorts(2 * shards * validatorsPerShard)
    const places = keys
      .flat()
      .map((seatKeys, index) => ({ seatKeys, p2p: ports[2 * index], http: ports[2 * index + 1] }))
    const book = places.map(({ seatKeys: { shard, validator }, p2p }) => ({
      shard,
      validator,
      address: `127.0.0.1:${p2p}`,
    }))
    await writeFile(join(folder, 'peers.json'), formatAddressBook(book))
    const seats = await Promise.all(
      places.map(async ({ seatKeys, p2p, http }) => {
        const { shard, validator } = seatKeys
        const home = join(folder, `shard-${shard}`, `validator-${validator}`)
        await mkdir(home, { recursive: true })
        await saveValidatorKeys(join(home, 'validator.key'), seatKeys)
        const config: NodeConfigInput = {
          format: 1,
          shard,
          validator,
          dataDirectory: 'data',
          genesisFile: '../../genesis.json',
          accountsFile: table.file,
          keyFile: 'validator.key',
          peersFile: '../../peers.json',
          listen: { p2p: `127.0.0.1:${p2p}`, http: `127.0.0.1:${http}` },
        }
        await writeFile(join(home, 'config.json'), JSON.stringify(config))
        const configFile = join(home, 'config.json')
        return {
          shard,
          validator,
          http: `127.0.0.1:${http}`,
          configFile,
          dataDirectory: join(home, 'data'),
          child: null,
        }
      }),
    )
    const testnet = new ProcessTestnet({
      folder,
      genesis,
      table: { file: table.file, bytes: readFileSync(table.file) },
      seats,
    })
    await testnet.#initialise()
    return testnet
  }

  async #initialise(): Promise<void> {
    const init = spawn(
      process.execPath,
      [MAIN, 'init', ...this.seats.map(({ configFile }) => configFile)],
      { stdio: 'inherit' },
    )
    const [code] = await once(init, 'close')
    assert.equal(code, 0, 'init succeeds')
  }

  seat(shard: number, validator: number): Seat {
    const seat = this.seats.find((one) => one.shard === shard && one.validator === validator)
    assert(seat, `validator ${validator} of shard ${shard}`)
    return seat
  }

  /** Starts a validator; resolves when it says that it is ready. */
  async start(seat: Seat): Promise<void> {
    const log = openSync(`${seat.configFile}.log`, 'a')
    const child = spawn(process.execPath, [MAIN, 'run', seat.configFile], {
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    seat.child = child
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (message) => {
        if (JSON.stringify(message).includes('"ready"')) resolve()
      })
      child.once('exit', (code, signal) => {
        if (seat.child === child) seat.child = null
        reject(
          new Error(
            `validator ${seat.shard}/${seat.validator} ended: ${code ?? signal}\n${this.logOf(seat).slice(-3000)}`,
          ),
        )
      })
    })
    await ready
  }

  async startAll(): Promise<void> {
    await Promise.all(
      this.seats.filter(({ child }) => child === null).map((seat) => this.start(seat)),
    )
  }

  /** kill -9, and the process is gone when this resolves. */
  async kill(seat: Seat): Promise<void> {
    const { child } = seat
    if (child === null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    seat.child = null
  }

  async stop(seat: Seat): Promise<number | null> {
    const { child } = seat
    if (child === null) return null
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await gone
    seat.child = null
    return typeof code === 'number' ? code : null
  }

  logOf(seat: Seat): string {
    return readFileSync(`${seat.configFile}.log`, 'utf8')
  }

  /** Ends everything; removes the folder unless told to keep it. */
  async end(keep = false): Promise<void> {
    await Promise.all(this.seats.map((seat) => this.kill(seat)))
    if (!keep) await rm(this.folder, { recursive: true, force: true })
  }
}

/** Asks a validator over JSON-RPC; the result as parsed JSON. */
export async function ask(
  seat: Seat,
  method: string,
  params: object = {},
): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(`http://${seat.http}/`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  const reply: unknown = await response.json()
  assert(typeof reply === 'object' && reply !== null && 'result' in reply, JSON.stringify(reply))
  // The shape is checked by what the tests read from it.
  return reply.result as Record<string, unknown>
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    assert(typeof address === 'object' && address !== null)
    return address.port
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
