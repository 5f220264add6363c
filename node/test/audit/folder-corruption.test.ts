import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { must } from '../../src/core/errors.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'
import { changeLog, flipped, testCorruptions } from './support/corruption.ts'
import { tell } from './support/scenario.ts'

testCorruptions({
  'a flipped byte in the middle of a log': {
    code: 'logDamaged',
    where: { shard: 0, validator: 1 },
    damage: (written) =>
      changeLog(written, 1, (bytes) => Buffer.from(flipped(bytes, Math.floor(bytes.length / 2)))),
  },
  'a middle that was cut out of a log': {
    code: 'logDamaged',
    where: { shard: 1, validator: 1 },
    damage: (written) =>
      changeLog(written, 5, (bytes) =>
        Buffer.concat([bytes.subarray(0, 3000), bytes.subarray(4000)]),
      ),
  },
  'a whole group that was cut out of a log': {
    code: 'logDamaged',
    damage: (written) => {
      const { offset, length } = must(must(written.groups.get('0 0'), 'groups')[5], 'a group')
      return changeLog(written, 0, (bytes) =>
        Buffer.concat([bytes.subarray(0, offset), bytes.subarray(offset + length)]),
      )
    },
  },
  'a log that ends before its shutdown mark says': {
    code: 'logDamaged',
    damage: (written) => {
      const { offset } = must(must(written.groups.get('0 0'), 'groups').at(-1), 'a group')
      return changeLog(written, 0, (bytes) => bytes.subarray(0, offset))
    },
  },
  'a log of a newer format': {
    code: 'logFormatNewer',
    damage: (written) =>
      changeLog(written, 0, (bytes) => {
        bytes.writeUInt32BE(2, 8)
        bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60)
        return bytes
      }),
  },
  'a log whose version rotted': {
    code: 'logDamaged',
    damage: (written) =>
      changeLog(written, 0, (bytes) => {
        bytes.writeUInt32BE(5, 8)
        return bytes
      }),
  },
  'a folder that is not there': {
    code: 'folderUnreadable',
    only: ['folderUnreadable'],
    where: { shard: 0, validator: 3 },
    damage: ({ validators }) =>
      rm(must(validators[3], 'a folder').dataDirectory, { recursive: true }),
  },
  'a log of another network': {
    code: 'networkMismatch',
    where: { shard: 0, validator: 0 },
    damage: async (written) => {
      const other = tell({}, 'cd'.repeat(16))
      const directory = must(written.validators[0], 'a folder').dataDirectory
      await other.write(join(directory, 'other'))
      for (const file of ['00000001.log', 'closed']) {
        await copyFile(join(directory, 'other', 's0v0', 'log', file), join(directory, 'log', file))
      }
    },
  },
  'the folder of another validator': {
    code: 'birthWrong',
    where: { shard: 0, validator: 1 },
    damage: (written) => {
      const [zero, one, ...rest] = written.validators
      const [first, second] = [must(zero, 'a folder'), must(one, 'a folder')]
      const swapped = [
        { ...first, dataDirectory: second.dataDirectory },
        { ...second, dataDirectory: first.dataDirectory },
      ]
      return Promise.resolve({ ...written, validators: [...swapped, ...rest] })
    },
  },
  'a second birth': {
    code: 'birthWrong',
    bend: (network) =>
      network.shard(0).log(1, must(network.shard(0).logs[1]?.[0]?.[0], 'the birth record')),
  },
  'a folder of no seat': {
    code: 'folderUnexpected',
    only: ['folderUnexpected'],
    damage: (written) => {
      return Promise.resolve({
        ...written,
        validators: [...written.validators, { shard: 0, validator: 4, dataDirectory: '/nowhere' }],
      })
    },
  },
  'a shard without folders': {
    code: 'shardUncovered',
    where: { shard: 1 },
    damage: (written) =>
      Promise.resolve({
        ...written,
        validators: written.validators.filter(({ shard }) => shard === 0),
      }),
  },
  'a record that is none': {
    code: 'recordMalformed',
    where: { shard: 0, validator: 2 },
    bend: (network) => {
      const vote = network.shard(0).vote(2, 'skip', 90, ZERO_HASH)
      network
        .shard(0)
        .log(2, { kind: 'vote', vote: { ...vote, signature: vote.signature.slice(1) } })
    },
  },
})
