import { spawnSync } from 'node:child_process'
import { ensureAccountTable } from '@shardnet/node/config'
import { SignatureKernel } from '@shardnet/node/signatures'
import { defaultTestnet } from '@shardnet/operator/api'
import { localPlace } from './place.ts'

/**
 * What the launcher runs once after an install: the default testnet's accounts are derived, and the modules of validator and
 * command line are compiled into the cache, so that the first start is as quick as every other.
 */
const { genesis, shards } = defaultTestnet().spec
const kernel = SignatureKernel.load()
const plan = { seed: genesis.seed, shards, perShard: genesis.accountsPerShard }
await ensureAccountTable(localPlace().cacheFolder, plan, (seeds) => kernel.derivePublicKeys(seeds))
spawnSync(process.execPath, [localPlace().program, 'prepare'], { stdio: 'ignore' })
await Promise.all([import('./run/start-run.ts'), import('@shardnet/load-generator')])
process.exit(0)
