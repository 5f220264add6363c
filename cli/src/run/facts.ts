import type { ResultFact } from '@shardnet/load-generator'
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { PROJECT_ROOT, softwareVersion } from '../place.ts'
import { bytesText } from '../view/format.ts'

/** What else belongs to a run: machine, versions, protocol parameters (these are given). */
export function factsOf(parameters: object): readonly ResultFact[] {
  const [processor] = cpus()
  const protocol = Object.entries(parameters).map(([name, value]) => [name, String(value)] as const)
  const facts = [
    ['shardnet', softwareVersion()],
    ['commit', commit()],
    ['Node.js', process.versions.node],
    ['system', `${type()} ${release()} ${process.arch}`],
    ['processor', `${availableParallelism()} x ${processor?.model.trim() ?? 'unknown'}`],
    ['memory', bytesText(totalmem())],
    ...protocol,
  ] as const
  return facts.map(([name, value]) => ({ name, value }))
}

function commit(): string {
  try {
    const words = ['-C', PROJECT_ROOT, 'describe', '--always', '--dirty', '--exclude=*']
    return execFileSync('git', words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown' // Not a clone, or no git: nothing that a run should end for.
  }
}
