import type { ClientFrame, ServerFrame } from '../../../src/client/stream-protocol.ts'
import { refusalCode } from '../../../src/client/refusal-code.ts'
import { must } from '../../../src/core/errors.ts'
import { bytesOfHex } from '../../../src/core/primitives/bytes.ts'
import type { LogRecord } from '../../../src/core/wire/log-record.ts'
import type { PeerMessage } from '../../../src/core/wire/peer-message.ts'
import {
  batchDigest,
  certificates,
  firstHash,
  firstProposal,
  prepareVote,
  secondProposal,
  signedBatch,
} from './block-vectors.ts'
import { codecs } from './codecs.ts'
import { fixedHash, networkId, voteSignature } from './fixed-testnet.ts'
import { fixedBundle, fixedEvent } from './shard-vectors.ts'
import { fixedBatchBody, transactionVectors } from './transaction-vectors.ts'
import { refusedOf, vectorOf, withByte, type VectorFile } from './vector-file.ts'

const fixedPeerMessages: readonly PeerMessage[] = [
  { kind: 'proposal', proposal: firstProposal },
  { kind: 'vote', vote: prepareVote },
  { kind: 'certificate', certificate: certificates.skip },
  { kind: 'batch', signed: signedBatch, body: fixedBatchBody() },
  { kind: 'batchAck', author: 1, sequence: 1, digest: batchDigest },
  { kind: 'import', bundle: fixedBundle },
  { kind: 'importAck', source: 1, first: 4096, digest: fixedHash('import') },
  { kind: 'fetchBatch', digest: batchDigest },
  { kind: 'fetchImport', digest: fixedHash('import') },
  { kind: 'fetchProposal', hash: firstHash },
  { kind: 'fetchCertificates', first: 2, last: 3 },
  { kind: 'certificates', certificates: [certificates.prepare, certificates.skip] },
  { kind: 'fetchBlocks', fromHeight: 1 },
  { kind: 'blocks', proposals: [firstProposal], certificate: certificates.commit },
]

/** docs/vectors/peer-message.json */
export function peerMessageVectors(): VectorFile {
  const vote = codecs.peerMessage.encode({ kind: 'vote', vote: prepareVote })
  return {
    about: 'One message of each kind that validators exchange.',
    vectors: fixedPeerMessages.map((message) => vectorOf(message.kind, 'peerMessage', message)),
    digests: [],
    signatures: [],
    refused: [
      refusedOf('format version 2', 'peerMessage', withByte(vote, 0, 2)),
      refusedOf('tag 0', 'peerMessage', withByte(vote, 1, 0)),
      refusedOf('tag 15', 'peerMessage', withByte(vote, 1, 15)),
      refusedOf('nothing', 'peerMessage', new Uint8Array(0)),
    ],
  }
}

const fixedLogRecords: readonly LogRecord[] = [
  { kind: 'birth', networkId, shard: 0, validator: 2, epoch: 0 },
  { kind: 'batch', signed: signedBatch, body: fixedBatchBody() },
  { kind: 'import', bundle: fixedBundle },
  { kind: 'proposal', proposal: secondProposal },
  { kind: 'certificate', certificate: certificates.commit },
  { kind: 'vote', vote: prepareVote },
  {
    kind: 'evidence',
    validator: 3,
    view: 1,
    first: {
      kind: 'prepare',
      value: firstHash,
      signature: voteSignature(3, 'prepare', 1, firstHash),
      header: new Uint8Array(0),
    },
    second: {
      kind: 'prepare',
      value: fixedHash('another block'),
      signature: voteSignature(3, 'prepare', 1, fixedHash('another block')),
      header: new Uint8Array(0),
    },
  },
]

/** docs/vectors/log-record.json */
export function logRecordVectors(): VectorFile {
  const birth = codecs.logRecord.encode(must(fixedLogRecords[0], 'a birth'))
  return {
    about:
      'One record of each kind that a validator writes down; framing is in docs/log-format.md.',
    vectors: fixedLogRecords.map((record) => vectorOf(record.kind, 'logRecord', record)),
    digests: [],
    signatures: [],
    refused: [
      refusedOf('tag 0', 'logRecord', withByte(birth, 0, 0)),
      refusedOf('tag 8', 'logRecord', withByte(birth, 0, 8)),
      refusedOf('a byte short', 'logRecord', birth.subarray(0, -1)),
    ],
  }
}

const firstTransfer = must(transactionVectors().vectors[0], 'a transfer')

const fixedClientFrames: readonly ClientFrame[] = [
  { kind: 'subscribe', detail: 'digests', fromHeight: 0 },
  { kind: 'submit', firstReference: 1000, transactions: bytesOfHex(firstTransfer.bytes) },
  { kind: 'eventRequest', height: 1 },
]

const fixedServerFrames: readonly ServerFrame[] = [
  { kind: 'welcome', networkId, shard: 0, validator: 2, height: 17 },
  {
    kind: 'refused',
    refusals: [
      { reference: 1000, code: refusalCode.BAD_SIGNATURE },
      { reference: 1002, code: refusalCode.NONCE_TAKEN },
    ],
  },
  { kind: 'acknowledged', ranges: [{ firstReference: 1003, count: 997 }] },
  { kind: 'event', event: codecs.commitEvent.encode(fixedEvent) },
  { kind: 'eventDigest', height: 1, blockHash: firstHash, digest: fixedHash('event') },
  { kind: 'busy', firstReference: 1000, count: 64, retryAfterMs: 250 },
  { kind: 'eventMissing', height: 99 },
]

/** docs/vectors/client-stream.json */
export function clientStreamVectors(): VectorFile {
  const subscribe = codecs.clientFrame.encode(must(fixedClientFrames[0], 'a frame'))
  const welcome = codecs.serverFrame.encode(must(fixedServerFrames[0], 'a frame'))
  return {
    about:
      'One frame of each kind on the binary stream of a validator; each is one WebSocket message.',
    vectors: [
      ...fixedClientFrames.map((frame) => vectorOf(frame.kind, 'clientFrame', frame)),
      ...fixedServerFrames.map((frame) => vectorOf(frame.kind, 'serverFrame', frame)),
    ],
    digests: [],
    signatures: [],
    refused: [
      refusedOf('detail 3', 'clientFrame', withByte(subscribe, 1, 3)),
      refusedOf('a server’s frame', 'clientFrame', welcome),
      refusedOf('a byte over', 'clientFrame', Uint8Array.of(...subscribe, 0)),
      refusedOf('a byte short', 'serverFrame', welcome.subarray(0, -1)),
      refusedOf('refusal code 16', 'serverFrame', Uint8Array.of(17, 0, 1, 0, 0, 0, 0, 16)),
    ],
  }
}
