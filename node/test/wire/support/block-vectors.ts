import { must } from '../../../src/core/errors.ts'
import { hexOf, joinBytes } from '../../../src/core/primitives/bytes.ts'
import { bytesOfHash, hashOfBytes, sha256, ZERO_HASH } from '../../../src/core/primitives/hash.ts'
import {
  batchDigestOf,
  type BatchHeader,
  type SignedBatchHeader,
} from '../../../src/core/wire/batch.ts'
import {
  blockHashOf,
  bodyRootOf,
  EMPTY_BODY,
  type BlockBody,
  type BlockHeader,
} from '../../../src/core/wire/block.ts'
import {
  votePreimage,
  type Certificate,
  type VoteKind,
} from '../../../src/core/wire/certificate.ts'
import type { Vote } from '../../../src/core/wire/peer-message.ts'
import type { Proposal } from '../../../src/core/wire/proposal.ts'
import { codecs } from './codecs.ts'
import {
  certificateBy,
  context,
  fixedHash,
  genesisBlockHash,
  genesisRoots,
  keysOf,
  networkId,
  signWith,
  voteSignature,
} from './fixed-testnet.ts'
import { FIXED_BATCH_COUNT, fixedBatchBody } from './transaction-vectors.ts'
import {
  digestOf,
  domainOf,
  refusedOf,
  vectorOf,
  withByte,
  type SignatureVector,
  type VectorFile,
} from './vector-file.ts'

const batchBody = fixedBatchBody()
const batchHeader: BatchHeader = {
  networkId,
  shard: 0,
  epoch: 0,
  author: 1,
  sequence: 1,
  count: FIXED_BATCH_COUNT,
  length: batchBody.length,
  bodyHash: hashOfBytes(sha256(batchBody)),
}
export const batchDigest = batchDigestOf(batchHeader)
/** A batch of validator 1 of shard 0. */
export const signedBatch: SignedBatchHeader = {
  header: batchHeader,
  signature: signWith(keysOf(0, 1).peerSeed.reveal(), bytesOfHash(batchDigest)),
}

const fullBody: BlockBody = {
  imports: [{ source: 1, first: 0, count: 2, digest: fixedHash('import') }],
  batches: [
    { author: 1, sequence: 1, digest: batchDigest },
    { author: 3, sequence: 1, digest: fixedHash('batch of validator 3') },
  ],
}

/** The first block: view 1, proposed by validator 1. */
export const firstHeader: BlockHeader = {
  context,
  shard: 0,
  epoch: 0,
  view: 1,
  height: 1,
  parentHash: genesisBlockHash,
  parentView: 0,
  proposer: 1,
  timeMs: 1_790_000_000_000,
  executed: { height: 0, roots: genesisRoots },
  lastCommitted: { view: 0, hash: genesisBlockHash },
  bodyRoot: bodyRootOf(fullBody),
}
export const firstHash = blockHashOf(firstHeader)

/** The block after it: views 2 and 3 were skipped, so it is of view 4 and validator 0. */
const secondHeader: BlockHeader = {
  ...firstHeader,
  view: 4,
  height: 2,
  parentHash: firstHash,
  parentView: 1,
  proposer: 0,
  timeMs: 1_790_000_004_500,
  executed: {
    height: 1,
    roots: {
      state: fixedHash('state root'),
      outbox: fixedHash('outbox root'),
      result: fixedHash('result root'),
    },
  },
  lastCommitted: { view: 1, hash: firstHash },
  bodyRoot: bodyRootOf(EMPTY_BODY),
}

export const certificates = {
  prepare: certificateBy([0, 1, 3], { kind: 'prepare', view: 1, value: firstHash }),
  commit: certificateBy([0, 1, 2, 3], { kind: 'commit', view: 1, value: firstHash }),
  skip: certificateBy([0, 2, 3], { kind: 'skip', view: 2, value: ZERO_HASH }),
} as const satisfies Record<VoteKind, Certificate>

function proposalBy(
  validator: number,
  block: Pick<Proposal, 'header' | 'body'>,
  proofs: Partial<Proposal>,
): Proposal {
  const message = bytesOfHash(blockHashOf(block.header))
  return {
    ...block,
    parentCertificate: null,
    skipCertificates: [],
    commitCertificate: null,
    ...proofs,
    signature: signWith(keysOf(0, validator).peerSeed.reveal(), message),
  }
}

export const firstProposal = proposalBy(1, { header: firstHeader, body: fullBody }, {})
export const secondProposal = proposalBy(
  0,
  { header: secondHeader, body: EMPTY_BODY },
  {
    parentCertificate: certificates.prepare,
    skipCertificates: [
      certificates.skip,
      certificateBy([0, 2, 3], { kind: 'skip', view: 3, value: ZERO_HASH }),
    ],
    commitCertificate: certificates.commit,
  },
)

/** A PREPARE of validator 2 for the first block. */
export const prepareVote: Vote = {
  kind: 'prepare',
  view: 1,
  value: firstHash,
  signature: voteSignature(2, 'prepare', 1, firstHash),
  executedHeight: 0,
}

/** docs/vectors/batch.json */
export function batchVectors(): VectorFile & { readonly body: string } {
  const bytes = codecs.batchHeader.encode(batchHeader)
  return {
    about:
      'The first batch of validator 1 of shard 0: the three transfers of transaction.json. Its author signs the 32 bytes of the digest with the peer key.',
    body: hexOf(batchBody),
    vectors: [
      vectorOf('header', 'batchHeader', batchHeader),
      vectorOf('signed header', 'signedBatchHeader', signedBatch),
    ],
    digests: [
      digestOf('body hash', batchHeader.bodyHash, [batchBody]),
      digestOf('batch digest', batchDigest, [domainOf('shardnet/batch/v1'), bytes]),
    ],
    signatures: [peerSignature('author', 1, bytesOfHash(batchDigest), signedBatch.signature)],
    refused: [
      refusedOf('a byte short', 'signedBatchHeader', bytes),
      refusedOf('sequence above 2^53 - 1', 'batchHeader', withByte(bytes, 44, 0x20)),
    ],
  }
}

/** docs/vectors/block.json */
export function blockVectors(): VectorFile {
  const bytes = codecs.proposal.encode(firstProposal)
  return {
    about:
      'Two blocks of shard 0. The second follows after views 2 and 3 were skipped, and shows the roots after height 1.',
    vectors: [
      vectorOf('header of the first block', 'blockHeader', firstHeader),
      vectorOf('body of the first block', 'blockBody', fullBody),
      vectorOf('an empty body', 'blockBody', EMPTY_BODY),
      vectorOf('proposal of the first block', 'proposal', firstProposal),
      vectorOf('proposal of the second block', 'proposal', secondProposal),
    ],
    digests: [
      ...[firstHeader, secondHeader].map((header) =>
        digestOf(`hash of the block at height ${header.height}`, blockHashOf(header), [
          domainOf('shardnet/block/v1'),
          codecs.blockHeader.encode(header),
        ]),
      ),
      ...[fullBody, EMPTY_BODY].map((body) =>
        digestOf(`body root over ${body.batches.length} batches`, bodyRootOf(body), [
          domainOf('shardnet/body/v1'),
          codecs.blockBody.encode(body),
        ]),
      ),
    ],
    signatures: [
      peerSignature('proposer of view 1', 1, bytesOfHash(firstHash), firstProposal.signature),
    ],
    refused: [
      refusedOf('a presence byte of 2', 'proposal', withByte(bytes, bytes.length - 68, 2)),
      refusedOf('a byte over', 'proposal', joinBytes([bytes, Uint8Array.of(0)])),
      refusedOf('33 imports', 'blockBody', joinBytes([Uint8Array.of(0, 33), new Uint8Array(1520)])),
    ],
  }
}

/** docs/vectors/certificate.json */
export function certificateVectors(): VectorFile {
  const bytes = codecs.certificate.encode(certificates.prepare)
  return {
    about:
      'Certificates of shard 0 (n = 4, quorum 3) and a single vote. BLS12-381 min-pk, ciphersuite BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_; several keys are verified as one aggregate over one message.',
    vectors: [
      ...Object.values(certificates).map((each) => vectorOf(each.kind, 'certificate', each)),
      vectorOf('a vote of validator 2', 'vote', prepareVote),
    ],
    digests: [],
    signatures: [
      ...Object.values(certificates).map((each) => voteVector(each)),
      {
        name: 'a vote of validator 2',
        scheme: 'bls12-381',
        keys: [keysOf(0, 2).blsKey],
        message: hexOf(votePreimage(context, 'prepare', 1, firstHash)),
        signature: hexOf(prepareVote.signature),
      },
    ],
    refused: [
      refusedOf('vote kind 4', 'certificate', withByte(bytes, 0, 4)),
      refusedOf('a skip certificate with a value', 'certificate', withByte(bytes, 0, 3)),
      refusedOf('a bitmap of 129 bytes', 'certificate', withByte(bytes, 42, 129)),
      refusedOf('a byte short', 'certificate', bytes.subarray(0, -1)),
    ],
  }
}

function voteVector({ kind, view, value, signers, signature }: Certificate): SignatureVector {
  const seats = [0, 1, 2, 3].filter((seat) => ((must(signers[0], 'a bitmap') >> seat) & 1) === 1)
  return {
    name: kind,
    scheme: 'bls12-381',
    keys: seats.map((seat) => keysOf(0, seat).blsKey),
    message: hexOf(votePreimage(context, kind, view, value)),
    signature: hexOf(signature),
  }
}

function peerSignature(
  name: string,
  validator: number,
  message: Uint8Array,
  signature: Uint8Array,
): SignatureVector {
  return {
    name,
    scheme: 'ed25519',
    keys: [keysOf(0, validator).peerKey],
    message: hexOf(message),
    signature: hexOf(signature),
  }
}
