/** What a bench is given, and where it leaves what is not a figure. */
export interface BenchContext {
  readonly signal: AbortSignal
  /** Progress for people. */
  readonly say: (line: string) => void
  /** A fact that belongs beside the figures. */
  readonly note: (name: string, value: string) => void
  /** Why the figures are not to be trusted. */
  readonly object: (problem: string) => void
  /** Checks per second of one core, of the same turn. */
  readonly checksPerSecond: number
  /** Committed per second at saturation, of the same turn. */
  readonly committedPerSecond: number
}
