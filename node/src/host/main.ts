import { watch } from 'node:fs'
import { pino, type Logger } from 'pino'
import { GENESIS_EPOCH } from '../config/genesis.ts'
import { loadAddressBook } from '../config/node-config.ts'
import { loadNodeSetup } from '../config/node-setup.ts'
import { ConfigError } from '../config/problems.ts'
import { Defect } from '../core/errors.ts'
import { encodeLogRecord } from '../core/wire/log-record.ts'
import { dataFoldersOf } from './chain/opened-chain.ts'
import { HaltError } from './consensus/replica-driver.ts'
import { LogError } from './log/log-error.ts'
import { WriteAheadLog } from './log/write-ahead-log.ts'
import { NetworkError } from './network/network-error.ts'
import { RpcError } from './rpc/rpc-error.ts'
import { StateFolderError } from './state-store/state-folder-error.ts'
import { Validator } from './validator.ts'

const USAGE = `usage: main.ts run CONFIG        run one validator until it is asked to stop
       main.ts init CONFIG...    write the birth records of new validators, once
`
const exitCode = { ok: 0, failed: 1, badInput: 2, world: 3 } as const
const STOP_MAX_MS = 10_000

/** One clear sentence for what the world did; a defect of ours keeps its stack. */
function sentenceOf(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof ConfigError) return { text: error.message, code: exitCode.badInput }
  const isWorld = [LogError, NetworkError, RpcError, StateFolderError].some(
    (kind) => error instanceof kind,
  )
  if (isWorld && error instanceof Error) return { text: error.message, code: exitCode.world }
  if (error instanceof HaltError)
    return { text: `stopped for safety: ${error.message}`, code: exitCode.failed }
  if (error instanceof Defect) return { text: error.stack ?? error.message, code: exitCode.failed }
  return {
    text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    code: exitCode.failed,
  }
}

/** Says why the process ends, to people and to the process that started it, and ends it. */
function die(error: unknown): never {
  const { text, code } = sentenceOf(error)
  process.stderr.write(`${text}\n`)
  const [message = text] = text.split('\n')
  if (process.connected) process.send?.({ kind: 'failed', message })
  process.exit(code)
}

async function initialise(configFiles: readonly string[]): Promise<void> {
  for (const file of configFiles) {
    const { config, networkId } = await loadNodeSetup(file)
    const { log, recovered } = await WriteAheadLog.open({
      directory: dataFoldersOf(config.dataDirectory).log,
      networkId,
      diskBytesMax: config.diskBytesMax,
    })
    let records = 0
    for await (const record of recovered) if (record.bytes.length > 0) records++
    const birth = {
      kind: 'birth',
      networkId,
      shard: config.shard,
      validator: config.validator,
      epoch: GENESIS_EPOCH,
    } as const
    if (records === 0) await log.append([encodeLogRecord(birth)])
    await log.close()
  }
}

async function run(configFile: string): Promise<void> {
  // Heard from the first moment: who started us may be gone before we are ready.
  const stopped = stopRequest()
  const setup = await loadNodeSetup(configFile)
  const { shard, validator: seat } = setup.config
  const logger = pino({
    level: process.env['SHARDNET_LOG_LEVEL'] ?? 'info',
    base: { shard, validator: seat },
  })
  const validator = await Validator.start(setup, { logger, onFatal: die })
  const { http, p2p } = validator.addresses
  logger.info({ http, p2p }, 'ready')
  if (process.connected) process.send?.({ kind: 'ready', http, p2p })
  watchAddressBook(setup.config.peersFile, validator, logger)
  const reason = await stopped
  logger.info({ reason }, 'stopping')
  setTimeout(() => die(new Error(`not stopped within ${STOP_MAX_MS} ms`)), STOP_MAX_MS).unref()
  await validator.stop()
  process.exit(exitCode.ok)
}

/** Resolves on a signal, or when the process that started us is gone. */
function stopRequest(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(name))
    process.once('disconnect', () => resolve('the process that started this validator ended'))
  })
}

function watchAddressBook(file: string, validator: Validator, logger: Logger): void {
  const reload = (): void => {
    loadAddressBook(file).then(
      (peers) => validator.updateAddressBook(peers),
      (error: unknown) => logger.warn({ err: error }, 'the address book is not used'),
    )
  }
  watch(file, { persistent: false }, reload)
}

const [command, ...files] = process.argv.slice(2)
process.on('uncaughtException', die)
process.on('unhandledRejection', die)
try {
  const [first] = files
  if (command === 'run' && first !== undefined && files.length === 1) await run(first)
  else if (command === 'init' && files.length > 0) await initialise(files)
  else {
    process.stderr.write(USAGE)
    process.exitCode = exitCode.badInput
  }
} catch (error) {
  die(error)
}
