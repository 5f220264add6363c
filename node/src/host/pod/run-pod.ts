import { existsSync, watch } from 'node:fs'
import { hostname } from 'node:os'
import { pino } from 'pino'
import { loadNodeSetup } from '../../config/node-setup.ts'
import { dataFoldersOf } from '../data-folders.ts'
import { initialise } from '../init.ts'
import { run } from '../run.ts'
import { ordinalOf, parsePodConfig } from './pod-config.ts'
import { POD_PLACES, setUpPod } from './pod-setup.ts'

/** Changes of a mounted folder come as several events at once. */
const SETTLE_MS = 200

/**
 * Runs the validator that this pod is, until `stopped` resolves. Its name says which one; a disk without a log is born
 * only while the operator says that it may be.
 * @throws ConfigError when what is mounted is missing or wrong.
 */
export async function runPod(stopped: Promise<string>, die: (error: unknown) => void) {
  const config = parsePodConfig(process.env['SHARDNET_POD'])
  const validator = ordinalOf(hostname())
  const logger = pino({ base: { shard: config.shard, validator } })
  const { configFile, mayBeBorn, refreshPeers } = await setUpPod(config, validator)
  if (mayBeBorn) await initialise([configFile])
  else {
    const setup = await loadNodeSetup(configFile)
    if (!existsSync(dataFoldersOf(setup.config.dataDirectory).log)) {
      const words =
        'this disk is empty, and its validator has voted before: it follows and never votes again'
      logger.error(words)
    }
  }
  let timer: NodeJS.Timeout | undefined
  watch(POD_PLACES.peers, { persistent: false }, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      refreshPeers().catch((error: unknown) => {
        logger.warn({ err: error }, 'the addresses of other clusters are not used')
      })
    }, SETTLE_MS)
  })
  await run(configFile, stopped, die)
}
