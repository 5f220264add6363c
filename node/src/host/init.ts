import { GENESIS_EPOCH } from '../config/genesis.ts'
import { loadNodeSetup } from '../config/node-setup.ts'
import { encodeLogRecord } from '../core/wire/log-record.ts'
import { dataFoldersOf } from './data-folders.ts'
import { WriteAheadLog } from './log/write-ahead-log.ts'

/** Writes the birth records of new validators; a folder that has a log already stays as it is. */
export async function initialise(configFiles: readonly string[]): Promise<void> {
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
