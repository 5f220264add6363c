import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const SEGMENT_HEADER_BYTES = 64
const GROUP_HEADER_BYTES = 24

/** One group of a segment: docs/log-format.md. */
interface Group {
  readonly offset: number
  readonly end: number
}

/** Last segment of a log, with its groups. The validator must be down. */
export interface LastSegment {
  readonly file: string
  readonly bytes: Buffer
  readonly groups: readonly Group[]
}

/** Reads the last segment of a data folder's log. */
export function lastSegmentOf(dataDirectory: string): LastSegment {
  const folder = join(dataDirectory, 'log')
  const name = readdirSync(folder)
    .filter((each) => /^\d{8}\.log$/.test(each))
    .toSorted()
    .at(-1)
  if (name === undefined) throw new Error(`${folder} has no segment`)
  const file = join(folder, name)
  const bytes = readFileSync(file)
  return { file, bytes, groups: groupsIn(bytes) }
}

/** Whole groups only: what is cut off at the end is none. */
function groupsIn(bytes: Buffer): readonly Group[] {
  const groups: Group[] = []
  let offset = SEGMENT_HEADER_BYTES
  while (offset + GROUP_HEADER_BYTES <= bytes.length) {
    if (bytes.toString('latin1', offset, offset + 4) !== 'SGRP') break
    const end = offset + GROUP_HEADER_BYTES + bytes.readUInt32BE(offset + 12)
    if (end > bytes.length) break
    groups.push({ offset, end })
    offset = end
  }
  return groups
}

/**
 * Adds what a crash leaves in the middle of a write: the beginning of one more group, of which nobody was told. Nothing durable is
 * lost. Returns how many bytes a reader has to drop.
 */
export function tearTail(dataDirectory: string, draw: number): number {
  const { file, bytes, groups } = lastSegmentOf(dataDirectory)
  const last = groups.at(-1)
  if (last === undefined) throw new Error(`${file} has no group`)
  // Magic, next sequence and a length that promises more than there is: what a cut-off write looks like at its best.
  const whole = Buffer.from(bytes.subarray(last.offset, last.end))
  whole.writeBigUInt64BE(whole.readBigUInt64BE(4) + 1n, 4)
  const length = 1 + Math.floor(draw * (whole.length - 1))
  const behind = bytes.length - last.end
  appendFileSync(file, whole.subarray(0, length))
  return behind + length
}

/**
 * Cuts the log inside of its last group, which may have been durable: votes and promises in it are forgotten. Returns how many bytes
 * of the group are left for a reader to drop.
 */
export function truncateTail(dataDirectory: string, draw: number): number {
  const { file, groups } = lastSegmentOf(dataDirectory)
  const last = groups.at(-1)
  if (last === undefined) throw new Error(`${file} has no group`)
  const left = 1 + Math.floor(draw * (last.end - last.offset - 2))
  truncateSync(file, last.offset + left)
  return left
}

/** Flips one bit of a group that has later ones behind it. Returns where. */
export function flipInTheMiddle(dataDirectory: string, draws: readonly [number, number]): number {
  const { file, bytes, groups } = lastSegmentOf(dataDirectory)
  const group = groups[Math.floor(draws[0] * (groups.length - 1))]
  if (group === undefined || groups.length < 2) throw new Error(`${file} has no middle`)
  const bit = Math.floor(draws[1] * 8 * (group.end - group.offset))
  const at = group.offset + (bit >> 3)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
  writeFileSync(file, bytes)
  return at
}

/** A copy of a stopped validator's log, to be put back. */
export function keepLog(dataDirectory: string, copy: string): void {
  rmSync(copy, { recursive: true, force: true })
  cpSync(join(dataDirectory, 'log'), copy, { recursive: true })
}

/** Puts the copy back in the place of the log. */
export function restoreLog(dataDirectory: string, copy: string): void {
  const folder = join(dataDirectory, 'log')
  rmSync(folder, { recursive: true, force: true })
  cpSync(copy, folder, { recursive: true })
}
