import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { NetworkPlan } from '../plan/network-plan.ts'

/** Where everything of one testnet on this machine lies. */
export interface TestnetFolder {
  readonly name: string
  readonly root: string
  /** State of the supervisor. */
  readonly stateFile: string
  /** Secret that all validators' keys come from. */
  readonly secretFile: string
  /** Token of all validators' doors for faults. */
  readonly adminTokenFile: string
  readonly supervisorLog: string
  readonly logs: string
  /** The supervisor's door: a Unix socket. */
  readonly controlSocket: string
}

/** Folder of a testnet below a home folder of testnets. */
export function testnetFolder(home: string, name: string): TestnetFolder {
  const root = resolve(home, name)
  return {
    name,
    root,
    stateFile: join(root, 'testnet.json'),
    secretFile: join(root, 'root.secret'),
    adminTokenFile: join(root, 'admin.token'),
    supervisorLog: join(root, 'supervisor.log'),
    logs: join(root, 'logs'),
    controlSocket: socketPath(root),
  }
}

/** Unix sockets have short names: 103 bytes are the least that systems allow. */
const SOCKET_BYTES_MAX = 103

function socketPath(root: string): string {
  const inside = join(root, 'control.sock')
  if (Buffer.byteLength(inside) <= SOCKET_BYTES_MAX) return inside
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16)
  return join(tmpdir(), `shardnet-${name}.sock`)
}

/** Names of all testnets that have a folder. */
export function testnetNames(home: string): readonly string[] {
  if (!existsSync(home)) return []
  return readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(home, entry.name, 'testnet.json')))
    .map((entry) => entry.name)
    .toSorted()
}

/** Folder of one generation of the network: its genesis, address book and validators. */
export function generationFolder(
  folder: TestnetFolder,
  network: Pick<NetworkPlan, 'generation'>,
): string {
  return join(folder.root, `generation-${network.generation}`)
}

/** Files of a generation that all of its validators share. */
export function generationFiles(folder: TestnetFolder, network: Pick<NetworkPlan, 'generation'>) {
  const root = generationFolder(folder, network)
  return { genesisFile: join(root, 'genesis.json'), peersFile: join(root, 'peers.json') }
}

/** Files of one validator. */
export function validatorFiles(
  folder: TestnetFolder,
  generation: number,
  shard: number,
  validator: number,
) {
  const root = join(
    folder.root,
    `generation-${generation}`,
    `shard-${shard}`,
    `validator-${validator}`,
  )
  const logName = `generation-${generation}-shard-${shard}-validator-${validator}.log`
  return {
    root,
    configFile: join(root, 'node.json'),
    keyFile: join(root, 'validator.key'),
    dataDirectory: join(root, 'data'),
    logFile: join(folder.logs, logName),
  }
}
