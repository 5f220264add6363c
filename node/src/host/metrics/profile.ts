import type { NodeConfig } from '../../config/node-config.ts'
import type { MetricsProfile } from './metric-definition.ts'

/** Above this size a network's full series cost more than what it measures. */
const FULL_VALIDATORS_MAX = 1000

/** What this validator exports. In a large network the first seat of each shard keeps the histograms for everybody. */
export function profileOf(
  { metrics, validator }: Pick<NodeConfig, 'metrics' | 'validator'>,
  { shards, validatorsPerShard }: { readonly shards: number; readonly validatorsPerShard: number },
): MetricsProfile {
  if (metrics.profile !== 'auto') return metrics.profile
  return shards * validatorsPerShard > FULL_VALIDATORS_MAX && validator !== 0 ? 'lean' : 'full'
}
