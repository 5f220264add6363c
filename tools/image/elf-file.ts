/** What a loader reads first in a program or shared library. */
export interface ElfFile {
  /** Number of the architecture: 62 is x86-64, 183 AArch64. */
  readonly machine: number
  /** Path of the loader that a program asks for. */
  readonly interpreter: string | null
  /** Names of the shared libraries that have to be there. */
  readonly needed: readonly string[]
}

const MAGIC = Buffer.from('\u007fELF')
const CLASS_64_BIT = 2
const LITTLE_ENDIAN = 1
const SEGMENT = { load: 1, dynamic: 2, interpreter: 3 } as const
const TAG = { end: 0, needed: 1, strings: 5 } as const
const DYNAMIC_ENTRY_BYTES = 16

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

export function isElf(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC)
}

/**
 * Reads the segments alone, as the loader does; sections may have been stripped.
 * @throws when it is no ELF file of 64 bits, low byte first: every platform of ours is.
 */
export function readElf(bytes: Buffer): ElfFile {
  if (!isElf(bytes) || bytes[4] !== CLASS_64_BIT || bytes[5] !== LITTLE_ENDIAN)
    throw new Error('not an ELF file of 64 bits with the low byte first')
  const segments = segmentsOf(bytes)
  const interpreter = segments.find(({ type }) => type === SEGMENT.interpreter)
  return {
    machine: bytes.readUInt16LE(18),
    interpreter: interpreter === undefined ? null : textAt(bytes, interpreter.offset),
    needed: neededOf(bytes, segments),
  }
}

function segmentsOf(bytes: Buffer): readonly Segment[] {
  const start = wordAt(bytes, 32)
  const size = bytes.readUInt16LE(54)
  const count = bytes.readUInt16LE(56)
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size
    return {
      type: bytes.readUInt32LE(at),
      offset: wordAt(bytes, at + 8),
      address: wordAt(bytes, at + 16),
      size: wordAt(bytes, at + 32),
    }
  })
}

function neededOf(bytes: Buffer, segments: readonly Segment[]): readonly string[] {
  const dynamic = segments.find(({ type }) => type === SEGMENT.dynamic)
  if (dynamic === undefined) return []
  const names: number[] = []
  let strings = 0
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += DYNAMIC_ENTRY_BYTES) {
    const tag = wordAt(bytes, at)
    const value = wordAt(bytes, at + 8)
    if (tag === TAG.end) break
    if (tag === TAG.needed) names.push(value)
    if (tag === TAG.strings) strings = offsetOf(value, segments)
  }
  return names.map((name) => textAt(bytes, strings + name))
}

/** Where in the file the loader finds what it maps to an address. */
function offsetOf(address: number, segments: readonly Segment[]): number {
  const segment = segments.find(
    (each) =>
      each.type === SEGMENT.load && each.address <= address && address < each.address + each.size,
  )
  if (segment === undefined) throw new Error(`address ${address} is in no segment of the ELF file`)
  return segment.offset + address - segment.address
}

function textAt(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start, bytes.indexOf(0, start))
}

function wordAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}
