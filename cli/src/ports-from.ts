import { flagProblem } from './input-error.ts'

const PORT_MAX = 65_535

/** What `--ports-from` says, or why it cannot be. */
export function portsFromOf(text: string | undefined): {
  readonly port: number | null
  readonly problems: string[]
} {
  if (text === undefined) return { port: null, problems: [] }
  const port = Number(text)
  if (/^[0-9]+$/.test(text) && port >= 1_024 && port <= PORT_MAX) return { port, problems: [] }
  return {
    port: null,
    problems: [
      flagProblem('--ports-from', `a port from 1024 to ${PORT_MAX}`, JSON.stringify(text)),
    ],
  }
}
