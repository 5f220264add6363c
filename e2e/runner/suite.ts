/** Suites on real parts, from what needs least to what needs most. */
export const suiteNames = [
  'live-page',
  'monitoring',
  'infra',
  'control-plane',
  'real-pods',
] as const
export type SuiteName = (typeof suiteNames)[number]

export function isSuiteName(text: string): text is SuiteName {
  return suiteNames.some((name) => name === text)
}
