import type { CellOperation } from '@shardnet/node/parts'
import type { Random } from './random.ts'

const CELL_KEY_BYTES = 32
const VALUE_BYTES_MAX = 128
/** So few names and values that writers meet, and that what one expects is often there. */
const NAMES = 3
const VALUES: readonly Uint8Array[] = [
  Uint8Array.of(1),
  Uint8Array.of(2),
  Uint8Array.of(1, 1),
  new Uint8Array(VALUE_BYTES_MAX).fill(7),
]
const ABSENT = new Uint8Array(0)

/** What a client does to one of the few cells in a slot. */
export function drawCellOperation(random: Random, slot: number): CellOperation {
  const cell = new Uint8Array(CELL_KEY_BYTES)
  cell[0] = slot >> 8
  cell[1] = slot & 0xff
  cell[CELL_KEY_BYTES - 1] = random.below(NAMES)
  const kind = random.pick(['put', 'compareAndSet', 'compareAndSet', 'get'] as const)
  if (kind === 'get') return { kind, cell }
  const value = random.pick(VALUES)
  if (kind === 'put') return { kind, cell, value }
  return { kind, cell, expected: random.pick([ABSENT, ...VALUES]), value }
}
