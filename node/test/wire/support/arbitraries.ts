import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { refusalCode } from '../../../src/client/refusal-code.ts'
import type { TransactionProof } from '../../../src/client/proof.ts'
import type { ClientFrame, ServerFrame } from '../../../src/client/stream-protocol.ts'
import type { AccountProof } from '../../../src/core/ledger/account-proof.ts'
import { hashOfBytes, ZERO_HASH, type Hash } from '../../../src/core/primitives/hash.ts'
import type { BatchHeader, SignedBatchHeader } from '../../../src/core/wire/batch.ts'
import type { BlockBody, BlockHeader } from '../../../src/core/wire/block.ts'
import type { Certificate } from '../../../src/core/wire/certificate.ts'
import type { CommitEvent } from '../../../src/core/wire/commit-event.ts'
import type { ImportBundle, PairState } from '../../../src/core/wire/import-bundle.ts'
import type { LogRecord, VoteEvidence } from '../../../src/core/wire/log-record.ts'
import type { CreditMessage } from '../../../src/core/wire/outbox-message.ts'
import type { PeerMessage, Vote } from '../../../src/core/wire/peer-message.ts'
import type { Proposal } from '../../../src/core/wire/proposal.ts'
import type { FormatName, FormatValues } from './codecs.ts'
import type { SignedTransfer } from './transfer-codec.ts'
import { cellProof, cellTransaction, effectsOf } from './cell-arbitraries.ts'

const LARGEST = 2 ** 53 - 1
const u8 = fc.nat(0xff)
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffff_ffff)
const u64 = fc.oneof(fc.nat(3), fc.maxSafeNat(), fc.constant(LARGEST))
const bytesOf = (length: number): Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const bytesUpTo = (maxLength: number): Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })
const hash: Arbitrary<Hash> = bytesOf(32).map(hashOfBytes)
const value = hash.filter((each) => each !== ZERO_HASH)

const batchHeader: Arbitrary<BatchHeader> = fc.record({
  networkId: hash,
  shard: u16,
  epoch: u64,
  author: u16,
  sequence: u64,
  count: u32,
  length: u32,
  bodyHash: hash,
})
const signedBatchHeader: Arbitrary<SignedBatchHeader> = fc.record({
  header: batchHeader,
  signature: bytesOf(64),
})

const blockHeader: Arbitrary<BlockHeader> = fc.record({
  context: hash,
  shard: u16,
  epoch: u64,
  view: u64,
  height: u64,
  parentHash: hash,
  parentView: u64,
  proposer: u16,
  timeMs: u64,
  executed: fc.record({
    height: u64,
    roots: fc.record({ state: hash, outbox: hash, result: hash }),
  }),
  lastCommitted: fc.record({ view: u64, hash }),
  bodyRoot: hash,
})
const blockBody: Arbitrary<BlockBody> = fc.record({
  imports: fc.array(fc.record({ source: u16, first: u64, count: u32, digest: hash }), {
    maxLength: 4,
  }),
  batches: fc.array(fc.record({ author: u16, sequence: u64, digest: hash }), { maxLength: 5 }),
})

const certificate: Arbitrary<Certificate> = fc
  .record({
    kind: fc.constantFrom('prepare', 'commit', 'skip'),
    view: u64,
    value,
    signers: bytesUpTo(128),
    signature: bytesOf(96),
  })
  .map((each) => (each.kind === 'skip' ? { ...each, value: ZERO_HASH } : each))

const vote: Arbitrary<Vote> = fc.record({
  kind: fc.constantFrom('prepare', 'commit', 'skip'),
  view: u64,
  value: hash,
  signature: bytesOf(96),
  executedHeight: u64,
})

const proposal: Arbitrary<Proposal> = fc.record({
  header: blockHeader,
  body: blockBody,
  parentCertificate: fc.option(certificate),
  skipCertificates: fc.array(certificate, { maxLength: 3 }),
  commitCertificate: fc.option(certificate),
  signature: bytesOf(64),
})

const creditMessage: Arbitrary<CreditMessage> = fc.record({
  payeeIndex: u8,
  source: u16,
  tag: bytesOf(8),
  nonce: u64,
  payer: bytesOf(32),
  payee: bytesOf(32),
  amount: u64,
})

const pairState: Arbitrary<PairState> = fc.record({
  accumulator: hash,
  outSequence: u64,
  inNext: u64,
  totalOut: u64,
  totalIn: u64,
})

const importBundle: Arbitrary<ImportBundle> = fc.nat(3).chain((count) =>
  fc.record({
    header: blockHeader,
    certificate,
    destination: u16,
    pair: pairState,
    pairPath: fc.array(hash, { maxLength: 3 }),
    first: u64,
    count: fc.constant(count),
    messages: bytesOf(count * 96),
    proof: fc.array(hash, { maxLength: 4 }),
  }),
)

const messageKinds: { readonly [K in PeerMessage['kind']]: Arbitrary<PeerMessage & { kind: K }> } =
  {
    proposal: fc.record({ kind: fc.constant('proposal'), proposal }),
    vote: fc.record({ kind: fc.constant('vote'), vote }),
    certificate: fc.record({ kind: fc.constant('certificate'), certificate }),
    batch: fc.record({
      kind: fc.constant('batch'),
      signed: signedBatchHeader,
      body: bytesUpTo(200),
    }),
    batchAck: fc.record({
      kind: fc.constant('batchAck'),
      author: u16,
      sequence: u64,
      digest: hash,
    }),
    import: fc.record({ kind: fc.constant('import'), bundle: importBundle }),
    importAck: fc.record({ kind: fc.constant('importAck'), source: u16, first: u64, digest: hash }),
    fetchBatch: fc.record({ kind: fc.constant('fetchBatch'), digest: hash }),
    fetchImport: fc.record({ kind: fc.constant('fetchImport'), digest: hash }),
    fetchProposal: fc.record({ kind: fc.constant('fetchProposal'), hash }),
    fetchCertificates: fc.record({
      kind: fc.constant('fetchCertificates'),
      first: u64,
      last: u64,
    }),
    certificates: fc.record({
      kind: fc.constant('certificates'),
      certificates: fc.array(certificate, { maxLength: 3 }),
    }),
    fetchBlocks: fc.record({ kind: fc.constant('fetchBlocks'), fromHeight: u64 }),
    blocks: fc.record({
      kind: fc.constant('blocks'),
      proposals: fc.array(proposal, { maxLength: 2 }),
      certificate,
    }),
  }

const voteEvidence: Arbitrary<VoteEvidence> = fc.record({
  kind: fc.constantFrom('prepare', 'commit', 'skip', 'proposal', 'batch'),
  value: hash,
  signature: bytesUpTo(96),
  header: bytesUpTo(60),
})
const recordKinds: { readonly [K in LogRecord['kind']]: Arbitrary<LogRecord & { kind: K }> } = {
  birth: fc.record({
    kind: fc.constant('birth'),
    networkId: hash,
    shard: u16,
    validator: u16,
    epoch: u64,
  }),
  batch: fc.record({ kind: fc.constant('batch'), signed: signedBatchHeader, body: bytesUpTo(200) }),
  import: fc.record({ kind: fc.constant('import'), bundle: importBundle }),
  proposal: fc.record({ kind: fc.constant('proposal'), proposal }),
  certificate: fc.record({ kind: fc.constant('certificate'), certificate }),
  vote: fc.record({ kind: fc.constant('vote'), vote }),
  evidence: fc.record({
    kind: fc.constant('evidence'),
    validator: u16,
    view: u64,
    first: voteEvidence,
    second: voteEvidence,
  }),
}

const outcomeCount = fc.nat(3)
const commitEvent: Arbitrary<CommitEvent> = fc.record({
  shard: u16,
  height: u64,
  view: u64,
  blockHash: hash,
  timeMs: u64,
  batches: fc.array(
    outcomeCount.chain((count) =>
      fc
        .record({
          author: u16,
          sequence: u64,
          count: fc.constant(count),
          tags: bytesOf(8 * count),
          effects: effectsOf(count),
        })
        .map(({ effects, ...rest }) => ({ ...rest, ...effects })),
    ),
    { maxLength: 3 },
  ),
  credits: fc.array(
    outcomeCount.chain((count) =>
      fc.record({
        source: u16,
        first: u64,
        count: fc.constant(count),
        tags: bytesOf(8 * count),
      }),
    ),
    { maxLength: 3 },
  ),
})

const payees = fc.array(
  fc.record({ address: bytesOf(32), amount: fc.integer({ min: 1, max: 2 ** 48 }) }),
  { minLength: 1, maxLength: 16 },
)
const transaction: Arbitrary<SignedTransfer> = fc.record({
  payerSlot: fc.nat(32_767),
  payerKey: bytesOf(32),
  nonce: fc.nat(LARGEST - 64),
  validUntil: u32,
  fee: u32,
  payees,
  payload: bytesUpTo(40),
  signature: bytesOf(64),
})

const frameKinds: {
  readonly [K in ServerFrame['kind']]: Arbitrary<ServerFrame & { kind: K }>
} = {
  welcome: fc.record({
    kind: fc.constant('welcome'),
    networkId: hash,
    shard: u16,
    validator: u16,
    height: u64,
  }),
  refused: fc.record({
    kind: fc.constant('refused'),
    refusals: fc.array(
      fc.record({ reference: u32, code: fc.constantFrom(...Object.values(refusalCode)) }),
      { maxLength: 5 },
    ),
  }),
  acknowledged: fc.record({
    kind: fc.constant('acknowledged'),
    ranges: fc.array(fc.record({ firstReference: u32, count: u32 }), { maxLength: 5 }),
  }),
  event: fc.record({ kind: fc.constant('event'), event: bytesUpTo(50) }),
  eventDigest: fc.record({
    kind: fc.constant('eventDigest'),
    height: u64,
    blockHash: hash,
    digest: hash,
  }),
  busy: fc.record({
    kind: fc.constant('busy'),
    firstReference: u32,
    count: u32,
    retryAfterMs: u32,
  }),
  eventMissing: fc.record({ kind: fc.constant('eventMissing'), height: u64 }),
}
const clientKinds: {
  readonly [K in ClientFrame['kind']]: Arbitrary<ClientFrame & { kind: K }>
} = {
  subscribe: fc.record({
    kind: fc.constant('subscribe'),
    detail: fc.constantFrom('none', 'digests', 'full'),
    fromHeight: u64,
  }),
  submit: fc.record({
    kind: fc.constant('submit'),
    firstReference: u32,
    transactions: bytesUpTo(50),
  }),
  eventRequest: fc.record({ kind: fc.constant('eventRequest'), height: u64 }),
}

const found = fc.record({
  address: bytesOf(32),
  account: fc.record({
    balance: u64.map(BigInt),
    nonceBase: u64,
    nonceBitmap: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
})
const accountProof: Arbitrary<AccountProof> = fc
  .record({
    address: bytesOf(32),
    found: fc.option(found),
    branches: fc.array(fc.record({ bit: u8, sibling: hash }), { maxLength: 3 }),
    slotPath: fc.array(hash, { minLength: 16, maxLength: 16 }),
    cellsRoot: hash,
  })
  .map((each) => (each.found === null ? { ...each, branches: [] } : each))

const transactionProof: Arbitrary<TransactionProof> = fc.record({
  header: blockHeader,
  certificate,
  receipt: fc
    .record({
      digest: hash,
      effects: fc.nat(20).chain(effectsOf),
      batchIndex: u16,
      path: fc.array(hash, { maxLength: 3 }),
      previous: hash,
      later: fc.array(hash, { maxLength: 3 }),
    })
    .map(({ effects, ...rest }) => ({ ...rest, ...effects })),
  batchHeader,
  batchBody: bytesUpTo(100),
})

/** Any value of each format; a new kind of message, record or frame does not compile until it is here. */
export const arbitraries: { readonly [K in FormatName]: Arbitrary<FormatValues[K]> } = {
  transaction,
  cellTransaction,
  batchHeader,
  signedBatchHeader,
  blockHeader,
  blockBody,
  certificate,
  vote,
  proposal,
  peerMessage: fc.oneof(...Object.values(messageKinds)),
  logRecord: fc.oneof(...Object.values(recordKinds)),
  creditMessage,
  pairState,
  importBundle,
  commitEvent,
  clientFrame: fc.oneof(...Object.values(clientKinds)),
  serverFrame: fc.oneof(...Object.values(frameKinds)),
  accountProof,
  cellProof,
  transactionProof,
}
