import { pino } from 'pino'
import type { OperatorConfig } from '../operator-config.ts'
import { defaultAccess } from './cluster-access.ts'
import { printPlan } from './dry-run.ts'
import { runOperator } from './run-operator.ts'

/**
 * Runs the operator that a configuration describes until `stopped` resolves, or prints its plan once.
 * @throws {AccessError} {OperatorError} one sentence for people.
 */
export async function startOperator(
  config: OperatorConfig,
  stopped: Promise<string>,
): Promise<void> {
  const access = await defaultAccess()
  const level = config.dryRun ? 'warn' : (process.env['SHARDNET_LOG_LEVEL'] ?? 'info')
  const logger = pino({ level, base: null })
  if (config.dryRun) process.stdout.write(await printPlan({ config, access, logger }))
  else await runOperator({ config, access, logger, stopped })
}
