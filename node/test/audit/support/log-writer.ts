import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Hash } from '../../../src/core/primitives/hash.ts'

const SALT = 0x1234_5678

/** Where a group lies in the file, for tests that damage it. */
export interface WrittenGroup {
  readonly offset: number
  readonly length: number
}

/** Writes one segment from docs/log-format.md alone: groups of records, and the shutdown mark when asked. */
export async function writeLogFolder(
  dataDirectory: string,
  networkId: Hash,
  groups: readonly (readonly Uint8Array[])[],
  isClosed = true,
): Promise<WrittenGroup[]> {
  const directory = join(dataDirectory, 'log')
  await mkdir(directory, { recursive: true })
  const parts = [segmentHeader(networkId)]
  const written: WrittenGroup[] = []
  let length = 64
  for (const [index, records] of groups.entries()) {
    const group = groupBytes(index + 1, records)
    written.push({ offset: length, length: group.length })
    parts.push(group)
    length += group.length
  }
  await writeFile(join(directory, '00000001.log'), Buffer.concat(parts))
  if (isClosed)
    await writeFile(join(directory, 'closed'), shutdownMark(networkId, length, groups.length))
  return written
}

function segmentHeader(networkId: Hash): Buffer {
  const header = Buffer.alloc(64)
  header.write('shardlog', 0, 'latin1')
  header.writeUInt32BE(1, 8)
  header.writeUInt32BE(1, 12)
  header.write(networkId, 16, 'hex')
  header.writeBigUInt64BE(1n, 48)
  header.writeUInt32BE(SALT, 56)
  header.writeUInt32BE(crc32(header.subarray(0, 60)), 60)
  return header
}

function groupBytes(sequence: number, records: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(
    records.flatMap((record) => {
      const head = Buffer.alloc(8)
      head.writeUInt32BE(record.length, 0)
      head.writeUInt32BE(crc32(record), 4)
      return [head, record]
    }),
  )
  const header = Buffer.alloc(24)
  header.write('SGRP', 0, 'latin1')
  header.writeBigUInt64BE(BigInt(sequence), 4)
  header.writeUInt32BE(payload.length, 12)
  header.writeUInt32BE(crc32(payload), 16)
  const salted = Buffer.alloc(24)
  salted.writeUInt32BE(SALT, 0)
  header.copy(salted, 4, 0, 20)
  header.writeUInt32BE(crc32(salted), 20)
  return Buffer.concat([header, payload])
}

function shutdownMark(networkId: Hash, length: number, sequence: number): Buffer {
  const mark = Buffer.alloc(68)
  mark.write('shardend', 0, 'latin1')
  mark.writeUInt32BE(1, 8)
  mark.write(networkId, 12, 'hex')
  mark.writeUInt32BE(1, 44)
  mark.writeBigUInt64BE(BigInt(length), 48)
  mark.writeBigUInt64BE(BigInt(sequence), 56)
  mark.writeUInt32BE(crc32(mark.subarray(0, 64)), 64)
  return mark
}
