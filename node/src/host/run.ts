import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { pino, type Logger } from 'pino'
import { loadAddressBook } from '../config/node-config.ts'
import { loadNodeSetup } from '../config/node-setup.ts'
import { Validator } from './validator.ts'

const STOP_MAX_MS = 10_000

/** Runs one validator until `stopped` resolves with a reason. */
export async function run(
  configFile: string,
  stopped: Promise<string>,
  die: (error: unknown) => void,
): Promise<void> {
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
}

function watchAddressBook(file: string, validator: Validator, logger: Logger): void {
  const reload = (): void => {
    loadAddressBook(file).then(
      (peers) => validator.updateAddressBook(peers),
      (error: unknown) => logger.warn({ err: error }, 'the address book is not used'),
    )
  }
  // The folder, because a file that is replaced is another one.
  watch(dirname(file), { persistent: false }, (_event, name) => {
    if (name === basename(file)) reload()
  })
}
