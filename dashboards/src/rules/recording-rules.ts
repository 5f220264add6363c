import { loadRules } from './load-rules.ts'
import { defaultWindows, type RecordingRule, type RuleWindows } from './recording-rule.ts'
import { instanceRules, shardRules, testnetRules } from './validator-rules.ts'

/** Rules of one group are evaluated in order, so each reads only groups and rules above it. */
export interface RecordingGroup {
  readonly name: string
  readonly rules: readonly RecordingRule[]
}

/** Every series that Prometheus computes for a testnet. */
export function recordingGroups(windows: RuleWindows = defaultWindows): readonly RecordingGroup[] {
  // One group: several would be evaluated side by side and read each other's last values.
  return [
    {
      name: 'shardnet',
      rules: [shardRules, instanceRules, testnetRules, loadRules].flatMap((rules) =>
        Object.values<RecordingRule>(rules(windows)),
      ),
    },
  ]
}

/** Recorded series by the names that panels and alerts use for them. */
export const recorded = {
  shard: shardRules(defaultWindows),
  instance: instanceRules(defaultWindows),
  testnet: testnetRules(defaultWindows),
  load: loadRules(defaultWindows),
} as const
