import type { Layout } from './layout.ts'
import type { OperatorFigures } from './rehearsal.ts'
import type { PodTimes } from './sets.ts'

/** One rehearsal with its comparison. */
export interface ScaleRow extends Layout, PodTimes {
  readonly clusters: number
  readonly planSeconds: number
  readonly operator: OperatorFigures
  /** Null when it was stopped before. */
  readonly byHand: PodTimes | null
}

/** A rehearsal as people read it. */
export function textOf(row: ScaleRow): string {
  const { shards, validatorsPerShard, clusters, operator, byHand } = row
  const servers = clusters === 1 ? 'one API server' : `${clusters} API servers`
  const afterFounding = row.createdSeconds - row.firstSetSeconds
  const { readyMsBehindScheduled: behindMs } = operator
  const lines: readonly (readonly [string, string])[] = [
    ['plan of all validators', `${(row.planSeconds * 1_000).toFixed(0)} ms`],
    ['keys and genesis, to the first StatefulSet', seconds(row.firstSetSeconds)],
    [
      'all pods created',
      `${seconds(row.createdSeconds)}, ${seconds(afterFounding)} after the first`,
    ],
    ['all pods scheduled', seconds(row.scheduledSeconds)],
    ...(byHand === null ? [] : linesByHand(byHand)),
    [
      'Testnet ready behind the last pod',
      behindMs === null ? 'not ready' : seconds(behindMs / 1_000),
    ],
    ['operator, processor time', seconds(operator.cpuSeconds)],
    ['operator, most memory', `${(operator.residentBytesMax / 2 ** 20).toFixed(0)} MiB`],
    ['API calls per validator', operator.callsPerValidator.toFixed(3)],
    ['writes per shard', operator.writesPerShard.toFixed(1)],
    ['applied per shard', appliedText(operator.applied, shards)],
    [
      'half a minute of steady state',
      `${operator.steadyCalls} calls, ${operator.steadyWrites} writes`,
    ],
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  const table = lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')
  return `${shards} shards x ${validatorsPerShard} validators on ${servers}\n${table}\n`
}

function appliedText(applied: OperatorFigures['applied'], shards: number): string {
  const parts = Object.entries(applied).map(([name, count]) => {
    return `${name} ${(count / shards).toFixed(1)}`
  })
  return parts.join(', ')
}

function linesByHand(byHand: PodTimes): readonly (readonly [string, string])[] {
  const { firstSetSeconds, createdSeconds, scheduledSeconds } = byHand
  const afterFirst = seconds(createdSeconds - firstSetSeconds)
  return [
    ['the same by hand, created', `${seconds(createdSeconds)}, ${afterFirst} after the first`],
    ['the same by hand, scheduled', seconds(scheduledSeconds)],
  ]
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}
