import { Accumulator } from '../../../src/core/crossshard/accumulator.ts'
import { messageLeavesOf } from '../../../src/core/crossshard/message-leaf.ts'
import { accountLeafOf, type Account } from '../../../src/core/ledger/account-leaf.ts'
import { Ledger } from '../../../src/core/ledger/ledger.ts'
import { merklePathOf, merkleRootOf } from '../../../src/core/ledger/merkle.ts'
import {
  batchesRootOf,
  proveResult,
  resultLeafOf,
  resultRootOf,
} from '../../../src/core/ledger/receipt.ts'
import { branchHashOf } from '../../../src/core/ledger/key-trie.ts'
import { must } from '../../../src/core/errors.ts'
import { accountsOfShard } from '../../../src/config/accounts.ts'
import { balanceOf } from '../../../src/config/genesis.ts'
import { asciiBytes, hexOf, joinBytes } from '../../../src/core/primitives/bytes.ts'
import { ByteWriter } from '../../../src/core/primitives/byte-writer.ts'
import { bytesOfHash, hashOfBytes, sha256, ZERO_HASH } from '../../../src/core/primitives/hash.ts'
import type { CommitEvent } from '../../../src/core/wire/commit-event.ts'
import {
  importDigestOf,
  pairLeafOf,
  type ImportBundle,
  type PairState,
} from '../../../src/core/wire/import-bundle.ts'
import type { CreditMessage } from '../../../src/core/wire/outbox-message.ts'
import {
  batchDigest,
  certificates,
  firstHash,
  firstHeader,
  secondProposal,
  signedBatch,
} from './block-vectors.ts'
import { codecs } from './codecs.ts'
import {
  accountTable,
  ACCOUNTS_PER_SHARD,
  fixedAccount,
  fixedBytes,
  fixedHash,
  genesis,
  networkId,
  SHARDS,
} from './fixed-testnet.ts'
import { fixedBatchBody, fixedReads, fixedResults } from './transaction-vectors.ts'
import {
  digestOf,
  domainOf,
  refusedOf,
  vectorOf,
  withByte,
  type Vector,
  type VectorFile,
} from './vector-file.ts'

/** Three messages of shard 0 to shard 1. */
const credits: readonly CreditMessage[] = [0, 1, 2].map((index) => ({
  payeeIndex: index,
  source: 0,
  tag: fixedBytes(`tag ${index}`, 8),
  nonce: 63,
  payer: fixedAccount(0, 0).address,
  payee: fixedAccount(1, index).address,
  amount: 10 ** index,
}))
const messages = credits.map((credit) => codecs.creditMessage.encode(credit))

function fixedPair(): { readonly pair: PairState; readonly proof: ImportBundle['proof'] } {
  const accumulator = new Accumulator()
  accumulator.append(messageLeavesOf(joinBytes(messages)))
  const pair: PairState = {
    accumulator: accumulator.rootAt(3),
    outSequence: 3,
    inNext: 7,
    totalOut: 111,
    totalIn: 700,
  }
  return { pair, proof: accumulator.proveRange(1, 1, 3) }
}

const { pair, proof } = fixedPair()
/** The leaf of shard 0 itself is zero. */
const pairLeaves = joinBytes([new Uint8Array(32), bytesOfHash(pairLeafOf(pair))])
const outboxRoot = merkleRootOf(pairLeaves)

/** The second of three messages from shard 0 to shard 1. Its certificate is of another block: only its form counts here. */
export const fixedBundle: ImportBundle = {
  header: {
    ...firstHeader,
    executed: {
      ...firstHeader.executed,
      roots: { ...firstHeader.executed.roots, outbox: outboxRoot },
    },
  },
  certificate: certificates.commit,
  destination: 1,
  pair,
  pairPath: merklePathOf(pairLeaves, 1),
  first: 1,
  count: 1,
  messages: must(messages[1], 'a message'),
  proof,
}

/** docs/vectors/cross-shard.json */
export function crossShardVectors(): VectorFile & { readonly outboxRoot: string } {
  const bytes = codecs.importBundle.encode(fixedBundle)
  const certificateBytes = codecs.certificate.encode(fixedBundle.certificate)
  const leaves = messageLeavesOf(joinBytes(messages))
  return {
    about:
      'Three messages of shard 0 to shard 1, their accumulator, the leaf of the pair, the outbox root over both shards (the own leaf is zero), and a bundle with the second message.',
    outboxRoot,
    vectors: [
      ...credits.map((credit, index) => vectorOf(`message ${index}`, 'creditMessage', credit)),
      vectorOf('pair', 'pairState', pair),
      vectorOf('bundle', 'importBundle', fixedBundle),
    ],
    digests: [
      ...messages.map((message, index) =>
        digestOf(`leaf of message ${index}`, hexOf(leaves.subarray(index * 32, index * 32 + 32)), [
          domainOf('shardnet/message/v1'),
          message,
        ]),
      ),
      digestOf('leaf of the pair', pairLeafOf(pair), [
        domainOf('shardnet/pair/v1'),
        codecs.pairState.encode(pair),
      ]),
      digestOf('outbox root', outboxRoot, [pairLeaves]),
      digestOf('digest of the bundle', importDigestOf(fixedBundle), [
        domainOf('shardnet/import/v1'),
        bytes.subarray(certificateBytes.length),
      ]),
    ],
    signatures: [],
    refused: [
      refusedOf('message kind 2', 'creditMessage', withByte(must(messages[0], 'one'), 0, 2)),
      refusedOf('a reserved byte', 'creditMessage', withByte(must(messages[0], 'one'), 7, 1)),
      refusedOf('a byte short', 'importBundle', bytes.subarray(0, -1)),
    ],
  }
}

/** What the first block might have done. */
export const fixedEvent: CommitEvent = {
  shard: 0,
  height: 1,
  view: 1,
  blockHash: firstHash,
  timeMs: firstHeader.timeMs,
  batches: [
    {
      author: 1,
      sequence: 1,
      count: 3,
      tags: fixedBytes('tags', 24),
      results: fixedResults,
      reads: fixedReads,
    },
  ],
  credits: [{ source: 1, first: 0, count: 2, tags: fixedBytes('credited', 16) }],
}

/** docs/vectors/commit-event.json */
export function commitEventVectors(): VectorFile {
  const bytes = codecs.commitEvent.encode(fixedEvent)
  const empty: CommitEvent = { ...fixedEvent, batches: [], credits: [] }
  return {
    about: 'Commit events. Validators that agree report the same SHA-256 of the bytes, no domain.',
    vectors: [
      vectorOf('a batch and an import', 'commitEvent', fixedEvent),
      vectorOf('an empty block', 'commitEvent', empty),
    ],
    digests: [digestOf('digest of the event', hashOfBytes(sha256(bytes)), [bytes])],
    signatures: [],
    refused: [
      refusedOf('a byte short', 'commitEvent', bytes.subarray(0, -1)),
      refusedOf(
        'a read of a transaction that did not end OK',
        'commitEvent',
        codecs.commitEvent.encode(withReads(withByte(fixedReads, 3, 1))),
      ),
      refusedOf(
        'reads out of order',
        'commitEvent',
        codecs.commitEvent.encode(withReads(joinBytes([fixedReads, fixedReads]))),
      ),
    ],
  }
}

/** The event with other reads, right or wrong. */
function withReads(reads: Uint8Array): CommitEvent {
  return { ...fixedEvent, batches: fixedEvent.batches.map((batch) => ({ ...batch, reads })) }
}

const account: Account = { balance: 999_994n, nonceBase: 2, nonceBitmap: 0x8000_0000_0000_0002n }

function accountProofs(ledger: Ledger): readonly Vector[] {
  const { address } = fixedAccount(0, 0)
  return [
    vectorOf('proof of presence', 'accountProof', must(ledger.proveAccount(address), 'a proof')),
    vectorOf(
      'proof of absence: another account in the slot',
      'accountProof',
      must(ledger.proveAccount(withByte(address, 31, 0xee)), 'a proof'),
    ),
    vectorOf(
      'proof of absence: an empty slot',
      'accountProof',
      must(ledger.proveAccount(withByte(address, 1, 0x77)), 'a proof'),
    ),
  ]
}

/** docs/vectors/state.json */
export function stateVectors(): VectorFile & { readonly genesisStateRoot: string } {
  const ledger = Ledger.genesis(
    { networkId, shard: 0, shards: SHARDS, outboxWindow: 64 },
    accountsOfShard(accountTable, ACCOUNTS_PER_SHARD, 0),
    balanceOf(genesis),
  )
  const { address } = fixedAccount(0, 0)
  const leaves = [
    resultLeafOf(batchDigest, { results: fixedResults, reads: fixedReads }),
    resultLeafOf(fixedHash('b'), { results: Uint8Array.of(0), reads: new Uint8Array(0) }),
  ]
  const batchesRoot = must(batchesRootOf(leaves), 'a root over batches')
  const [left, right] = [fixedBytes('left'), fixedBytes('right')]
  return {
    about:
      'Leaves and nodes of the state tree, the state root of shard 0 at genesis (three accounts, each alone in its slot) with proofs, result leaves and a receipt. The proof of the transaction is right in form only.',
    genesisStateRoot: ledger.roots.state,
    vectors: [
      ...accountProofs(ledger),
      vectorOf('proof of a transaction', 'transactionProof', {
        header: secondProposal.header,
        certificate: certificates.commit,
        receipt: {
          digest: batchDigest,
          results: fixedResults,
          reads: fixedReads,
          batchIndex: 0,
          path: proveResult(leaves, 0),
          previous: ZERO_HASH,
          later: [fixedHash('root of a later block')],
        },
        batchHeader: signedBatch.header,
        batchBody: fixedBatchBody(),
      }),
    ],
    digests: [
      digestOf('leaf of an account', hexOf(accountLeafOf(address, account)), [
        address,
        new ByteWriter(24).u64(999_994).u64(2).u32(0x8000_0000).u32(2).finish(),
        asciiBytes('account1'),
      ]),
      digestOf('branch at bit 17', hexOf(branchHashOf(left, right, 17)), [
        left.subarray(0, 28),
        right.subarray(0, 28),
        asciiBytes('branch'),
        Uint8Array.of(0, 17),
      ]),
      digestOf('leaf of a batch’s results', must(leaves[0], 'a leaf'), [
        domainOf('shardnet/result/v1'),
        bytesOfHash(batchDigest),
        new ByteWriter(4).u32(fixedResults.length).finish(),
        fixedResults,
        new ByteWriter(4).u32(fixedReads.length).finish(),
        fixedReads,
      ]),
      digestOf('own root of a block over two batches', batchesRoot, leaves.map(bytesOfHash)),
      digestOf('result root after it', resultRootOf(fixedHash('before'), batchesRoot), [
        domainOf('shardnet/results/v1'),
        bytesOfHash(fixedHash('before')),
        bytesOfHash(batchesRoot),
      ]),
    ],
    signatures: [],
    refused: [],
  }
}
