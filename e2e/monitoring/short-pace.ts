import type { AlertPace, RuleWindows } from '@shardnet/dashboards'

/**
 * What suites on real parts give to the generator of rules instead of its defaults, so that a fault need not last for
 * minutes: shorter windows and waits. The expressions and their limits are those that operators get.
 */
export const shortWindows: RuleWindows = { now: '20s', steady: '40s' }
export const shortPace: AlertPace = { silence: '20s', short: '6s', long: '20s', trend: '1m' }
