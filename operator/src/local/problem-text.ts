import type { Problem } from '@shardnet/node/config'

/** One line for one problem. */
export function problemText({ path, expected, got }: Problem): string {
  return `${path}: expected ${expected}, got ${got}`
}
