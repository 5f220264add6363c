import { parseArgs } from 'node:util'
import { E2eError } from '../cluster/e2e-error.ts'
import { layouts } from './layout.ts'

export const USAGE = `usage: npm run bench -- --operator [OPTIONS]

Rehearses the operator at scale: real API servers, fake nodes, one Testnet; then the same StatefulSets by hand.
1,000 validators take minutes; 41,440 (the network of 2018) take an hour and 8 GB of memory.

  --validators N   ${Object.keys(layouts).join(' or ')}; given twice, both (default 1000)
  --clusters N     API servers, 1 or 3; given twice, both (default 1)
  --json FILE      writes the figures to FILE; - is standard output
`

export interface ScaleArguments {
  readonly validators: readonly number[]
  readonly clusters: readonly (1 | 3)[]
  readonly json: string | null
  readonly isHelp: boolean
}

/** @throws {E2eError} with every problem. */
export function scaleArguments(words: readonly string[]): ScaleArguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      operator: { type: 'boolean' },
      validators: { type: 'string', multiple: true, default: ['1000'] },
      clusters: { type: 'string', multiple: true, default: ['1'] },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const problems: string[] = []
  const validators = values.validators.map(Number)
  for (const count of validators.filter((each) => layouts[each] === undefined))
    problems.push(`--validators: expected ${Object.keys(layouts).join(' or ')}, got ${count}`)
  const clusters = values.clusters.flatMap((text) => {
    if (text === '1' || text === '3') return [Number(text) as 1 | 3]
    problems.push(`--clusters: expected 1 or 3, got ${text}`)
    return []
  })
  if (problems.length > 0) throw new E2eError(problems.join('\n'))
  return { validators, clusters, json: values.json ?? null, isHelp: values.help }
}
