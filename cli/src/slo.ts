import { durationMs } from '@shardnet/operator/api'

/** Limits on latency as typed: `p99=2s,p50=500ms`. */
export interface LatencyLimits {
  readonly p50MaxMs: number | null
  readonly p99MaxMs: number | null
}

const NAMES = ['p50', 'p99'] as const
const DURATION = /^([0-9]{1,6}(ms|s|m|h))+$/

/** Reads `--slo`, and adds every problem to the list. */
export function latencyLimitsOf(text: string | undefined, problems: string[]): LatencyLimits {
  const found: { p50: number | null; p99: number | null } = { p50: null, p99: null }
  for (const part of text?.split(',') ?? []) {
    const [name = '', value = ''] = part.split('=')
    const known = NAMES.find((each) => each === name)
    if (known === undefined)
      problems.push(`--slo: expected p50 or p99, such as p99=2s, got ${JSON.stringify(part)}`)
    else if (!DURATION.test(value) || durationMs(value) <= 0)
      problems.push(
        `--slo: ${name}: expected a duration above zero, such as 2s, got ${JSON.stringify(value)}`,
      )
    else if (found[known] !== null) problems.push(`--slo: ${name}: expected once, got twice`)
    else found[known] = durationMs(value)
  }
  if (found.p50 !== null && found.p99 !== null && found.p50 > found.p99)
    problems.push(
      '--slo: p50: expected at most p99: half of all cannot take longer than 99 % of them',
    )
  return { p50MaxMs: found.p50, p99MaxMs: found.p99 }
}
