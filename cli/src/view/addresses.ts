import type { TestnetStatus } from '@shardnet/operator/local'
import { fundedAccount } from '../run/funded-account.ts'
import { upNetworkOf } from '../run/load-network.ts'
import { tableText } from './format.ts'

/** What a newcomer needs to reach a testnet: addresses of the first validator of each shard, and one account to use. */
export async function addressLines(
  status: TestnetStatus,
  reportFolder?: string,
): Promise<readonly string[]> {
  const { networkId, network } = upNetworkOf(status)
  const doors = status.validators.filter(({ validator }) => validator === 0)
  const rows = doors.map(({ shard, httpAddress }) => [
    `  shard ${shard}`,
    `http://${httpAddress}/`,
    `http://${httpAddress}/metrics`,
  ])
  const account = await fundedAccount(status, 0, 0)
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return [
    '',
    `Testnet ${status.name}: ${network.shards} shards x ${network.validatorsPerShard} validators, network ${networkId.slice(0, 16)}…`,
    tableText([['', 'Live page and RPC', 'Metrics'], ...rows]),
    `  Funded account 0/0: address ${hex(account.address)}`,
    `    TEST KEY, public, never use it elsewhere: ${hex(account.seed)}`,
    `  Data   ${status.folder}`,
    ...(reportFolder === undefined ? [] : [`  Report ${reportFolder}`]),
    '',
  ]
}
