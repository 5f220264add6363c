import type { Mutant } from './mutant.ts'

/** Bugs in the log, the codecs, and what the host decides. */
export const HOST_MUTANTS: readonly Mutant[] = [
  {
    name: 'log cut at damage in the middle',
    edits: [
      {
        file: 'core/log/scan-segment.ts',
        find: 'if (later !== null && later.sequence > sequence)',
        replace: 'if (later !== null && later.sequence > sequence + 1_000_000)',
      },
    ],
  },
  {
    name: 'what a killed process left unsynced is told to others',
    edits: [
      {
        file: 'core/log/scan-log.ts',
        find: "if (lastSegment !== null) repairs.push({ kind: 'sync', segment: lastSegment.header.number })",
        replace: '',
      },
    ],
  },
  {
    name: 'a torn tail is cut too far',
    edits: [
      {
        file: 'core/log/scan-log.ts',
        find: "{ kind: 'truncate', segment, length: offset }",
        replace: "{ kind: 'truncate', segment, length: Math.max(64, offset - 16) }",
      },
    ],
  },
  {
    name: 'group sequence goes on from a wrong number after a restart',
    edits: [
      {
        file: 'core/log/log-tail.ts',
        find: 'this.#lastSequence = recovered.lastSequence',
        replace: 'this.#lastSequence = recovered.lastSequence + 1',
      },
    ],
  },
  {
    name: 'positions of records off by a header',
    edits: [
      {
        file: 'core/log/log-tail.ts',
        find: 'at += recordBytes(record)',
        replace: 'at += record.length',
      },
    ],
  },
  {
    name: 'a record is lost when a group has several',
    edits: [
      {
        file: 'core/log/log-tail.ts',
        find: 'if (record.length > 0) parts.push(record)',
        replace:
          'if (record.length > 0) parts.push(index === 7 ? new Uint8Array(record.length) : record)',
      },
    ],
  },
  {
    name: 'signers of a bitmap read from the wrong end',
    edits: [
      {
        file: 'core/wire/certificate.ts',
        find: 'if (((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1) signers.push(i)',
        replace: 'if (((bitmap[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) signers.push(i)',
      },
    ],
  },
  {
    name: 'a codec that loses a proposal',
    isRare: true,
    edits: [
      {
        file: 'core/wire/peer-message.ts',
        find: 'writer.list(message.proposals, writeProposal)',
        replace: 'writer.list(message.proposals.slice(1), writeProposal)',
      },
    ],
  },
  {
    name: 'the index counts final blocks from the wrong one',
    isRare: true,
    edits: [
      {
        file: 'host/chain/chain-index.ts',
        find: 'if (block.height === this.#final.length + 1) this.#final.push(block.hash)',
        replace: 'if (block.height === this.#final.length + 2) this.#final.push(block.hash)',
      },
    ],
  },
  {
    name: 'a range of blocks with the certificate of another one',
    edits: [
      {
        file: 'host/chain/log-lookup.ts',
        find: 'index.hashAt(fromHeight + certified - 1)',
        replace: 'index.hashAt(fromHeight + Math.max(0, certified - 2))',
      },
    ],
  },
  {
    name: 'blocks above the checkpoint executed twice',
    edits: [
      {
        file: 'host/chain/log-replay.ts',
        find: 'if (height > this.#ledgerHeight) this.unexecuted.push(effect)',
        replace: 'this.unexecuted.push(effect)',
      },
    ],
  },
  {
    name: 'nothing is relayed',
    edits: [
      {
        file: 'host/chain/relay-pusher.ts',
        find: 'if (certificate === null) return\n',
        replace: 'if (certificate !== null) return\n',
      },
    ],
  },
  {
    name: 'acknowledgements of another shard are not noticed',
    isRare: true,
    edits: [
      {
        file: 'host/chain/relay-pusher.ts',
        find: 'if (count > 0 && first < inNext)',
        replace: 'if (count > 0 && first < inNext - 1_000_000)',
      },
    ],
  },
  {
    name: 'a body from memory that belongs to another batch',
    edits: [
      {
        file: 'host/chain/body-cache.ts',
        find: 'return this.#entries.get(digest)?.value',
        replace: 'return (this.#entries.get(digest) ?? [...this.#entries.values()][0])?.value',
      },
    ],
  },
  {
    name: 'roots of a checkpoint are lost',
    isRare: true,
    edits: [
      {
        file: 'host/chain/roots-history.ts',
        find: 'if (key.length !== 1 || key[0] !== HISTORY_KEY) return true',
        replace:
          'if (key.length !== 1 || key[0] !== HISTORY_KEY) return true; if (key.length > 0) return false',
      },
    ],
  },
]
