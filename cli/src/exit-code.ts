/** What the process says when it ends; the same everywhere in shardnet. */
export const exitCode = {
  passed: 0,
  /** Criteria missed, or a safety check failed. */
  failed: 1,
  badInput: 2,
  platformFailed: 3,
  /** 128 + SIGINT, as shells expect. */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
