import type { Command } from 'commander'
import { profileNames } from '@shardnet/load-generator/schema'
import type { ExitCode } from './exit-code.ts'

/** Adds one command to the program. Loads nothing heavy: that is for the action. */
export type AddCommand = (program: Command, end: (code: ExitCode) => void) => void

/** Declares the flags that change the documents of a testnet. */
export function withTestnetFlags(command: Command): Command {
  return command
    .option('--name <NAME>', 'name of the testnet (default: the one in FILE, or local)')
    .option('--shards <N>', 'number of shards')
    .option('--validators <N>', 'validators of each shard')
}

/** Declares the flags that change the documents of a load test. */
export function withLoadFlags(command: Command): Command {
  return command
    .option('--duration <TIME>', 'how long the load lasts, such as 30s or 5m')
    .option('--rate <N>', 'transactions per second, over all shards')
    .option('--price-per-hour <USD>', 'what the machines of the testnet cost an hour')
    .option('--budget <USD>', 'ends the load when so much is spent; with --price-per-hour')
    .option('--slo <LIMITS>', 'latency that the run must keep, such as p99=2s')
    .option('--cross-shard <SHARE>', 'share of transactions that touch two shards, such as 30%')
    .option('--profile <NAME>', `what is sent: ${profileNames.join(', ')}`)
    .option('--trace <FILE>', 'CSV file of times and kinds to replay (profile trace)')
    .option('--seed <N>', 'seed of the workload; the same seed draws the same transactions')
}

/** Declares the flags that say where results go. */
export function withOutputFlags(command: Command): Command {
  return command
    .option('--out <DIR>', 'folder for result.json and report.html (default: reports/TIME)')
    .option('--json <FILE>', 'also write the result to FILE; - is standard output')
}
