import { accountTableHashOf } from '../../../src/config/accounts.ts'
import { balanceOf, formatGenesis, GENESIS_EPOCH } from '../../../src/config/genesis.ts'
import { possessionPreimage } from '../../../src/config/possession.ts'
import { feeAddressOf } from '../../../src/core/ledger/ledger-parameters.ts'
import { asciiBytes, bytesOfHex, hexOf, joinBytes } from '../../../src/core/primitives/bytes.ts'
import { ByteWriter } from '../../../src/core/primitives/byte-writer.ts'
import { bytesOfHash } from '../../../src/core/primitives/hash.ts'
import { must } from '../../../src/core/errors.ts'
import { committeeHashOf } from '../../../src/core/wire/committee.ts'
import { transactionIdOf } from '../../../src/core/wire/transaction.ts'
import {
  accountTable,
  committees,
  context,
  fixedAccount,
  genesis,
  genesisBlockHash,
  genesisRoots,
  keysOf,
  networkId,
  SHARDS,
  signWith,
} from './fixed-testnet.ts'
import { encodeSignedTransfer, type SignedTransfer } from './transfer-codec.ts'
import {
  digestOf,
  domainOf,
  refusedOf,
  vectorOf,
  withByte,
  type DigestVector,
  type VectorFile,
} from './vector-file.ts'

const NO_SIGNATURE = new Uint8Array(64)

/** A transfer of account 0 of shard 0, signed. */
function signedTransfer(
  fields: Partial<Omit<SignedTransfer, 'signature' | 'payerKey' | 'payerSlot'>>,
): SignedTransfer {
  const payer = fixedAccount(0, 0)
  const unsigned: SignedTransfer = {
    payerSlot: payer.slot,
    payerKey: payer.key,
    nonce: 0,
    validUntil: 100,
    fee: 1,
    payees: [{ address: fixedAccount(0, 1).address, amount: 5 }],
    payload: new Uint8Array(0),
    ...fields,
    signature: NO_SIGNATURE,
  }
  const body = encodeSignedTransfer(unsigned).subarray(0, -64)
  return {
    ...unsigned,
    signature: signWith(payer.seed, joinBytes([bytesOfHash(networkId), body])),
  }
}

const largest = 2 ** 53 - 1
const transfers: readonly (readonly [name: string, transfer: SignedTransfer])[] = [
  ['one payee in the payer’s shard', signedTransfer({})],
  [
    'two payees, one of them in another shard, with a payload',
    signedTransfer({
      nonce: 63,
      validUntil: 10_000,
      fee: 4_294_967_295,
      payees: [
        { address: fixedAccount(1, 2).address, amount: 1 },
        { address: fixedAccount(0, 1).address, amount: 250 },
      ],
      payload: asciiBytes('hello'),
    }),
  ],
  [
    'the largest amount and nonce',
    signedTransfer({
      nonce: largest - 64,
      fee: 0,
      validUntil: 4_294_967_295,
      payees: [{ address: fixedAccount(1, 0).address, amount: largest }],
    }),
  ],
]

/** docs/vectors/transaction.json */
export function transactionVectors(): VectorFile {
  const [, first] = must(transfers[0], 'a transfer')
  const bytes = encodeSignedTransfer(first)
  return {
    about:
      'Transfers of account 0 of shard 0. Preimages of ids are domain, network id, bytes without the signature; signatures are over network id, bytes without the signature.',
    vectors: transfers.map(([name, transfer]) => vectorOf(name, 'transaction', transfer)),
    digests: [
      ...transfers.map(([name, transfer]) => idOf(name, encodeSignedTransfer(transfer))),
      addressDigest(),
    ],
    signatures: transfers.map(([name, transfer]) => ({
      name,
      scheme: 'ed25519',
      keys: [hexOf(transfer.payerKey)],
      message: hexOf(
        joinBytes([bytesOfHash(networkId), encodeSignedTransfer(transfer).subarray(0, -64)]),
      ),
      signature: hexOf(transfer.signature),
    })),
    refused: [
      refusedOf('format version 2', 'transaction', withByte(bytes, 0, 2)),
      refusedOf('kind 6', 'transaction', withByte(bytes, 1, 6)),
      refusedOf('slot of another shard', 'transaction', withByte(bytes, 2, 0x80)),
      refusedOf('tag of another network', 'transaction', withByte(bytes, 4, (bytes[4] ?? 0) ^ 1)),
      refusedOf('nonce above 2^53 - 65', 'transaction', withByte(bytes, 40, 1)),
      refusedOf('no payee', 'transaction', withByte(bytes, 60, 0)),
      refusedOf('a reserved byte', 'transaction', withByte(bytes, 63, 1)),
      refusedOf('amount 0', 'transaction', withByte(bytes, 64 + 39, 0)),
      refusedOf('amount above 2^53 - 1', 'transaction', withByte(bytes, 64 + 32, 1)),
      refusedOf('a byte short', 'transaction', bytes.subarray(0, -1)),
      refusedOf('a byte over', 'transaction', joinBytes([bytes, Uint8Array.of(0)])),
    ],
  }
}

function idOf(name: string, bytes: Uint8Array): DigestVector {
  const network = bytesOfHash(networkId)
  return digestOf(`transaction id: ${name}`, transactionIdOf(network, bytes), [
    domainOf('shardnet/transaction/v1'),
    network,
    bytes.subarray(0, -64),
  ])
}

/** An address is the slot and the first 30 bytes of this digest, so `digest` has only these. */
function addressDigest(): DigestVector {
  const { slot, key, address } = fixedAccount(1, 2)
  const preimage = joinBytes([
    asciiBytes('shardnet/address/v1'.padEnd(30, '\0')),
    new ByteWriter(2).u16(slot).finish(),
    key,
  ])
  return {
    name: `address of account 2 of shard 1, ${hexOf(address)}: slot and first 30 bytes of the digest`,
    preimage: hexOf(preimage),
    digest: hexOf(address.subarray(2)),
  }
}

/** docs/vectors/genesis.json */
export function genesisVectors(): VectorFile & {
  readonly genesis: string
  readonly feeAddresses: readonly string[]
} {
  const member = must(genesis.committees[0]?.members[0], 'a seat')
  return {
    about:
      'The testnet that all vectors are of. `genesis` is the genesis file; keys come from a fixed secret and protect nothing.',
    genesis: formatGenesis(genesis),
    feeAddresses: committees.map(({ shard }) => hexOf(feeAddressOf(shard, SHARDS))),
    vectors: [],
    digests: [
      digestOf('table of accounts', accountTableHashOf(accountTable), [
        domainOf('shardnet/accounts/v1'),
        accountTable,
      ]),
      digestOf('seed of account 2 of shard 1', hexOf(fixedAccount(1, 2).seed), [
        asciiBytes('shardnet/account/v1'),
        asciiBytes(genesis.seed),
        new ByteWriter(6).u16(1).u32(2).finish(),
      ]),
      digestOf('network id', networkId, [domainOf('shardnet/genesis/v1'), genesisPreimage()]),
      digestOf('committee of shard 0', committeeHash(), [
        domainOf('shardnet/committee/v1'),
        committeePreimage(),
      ]),
      digestOf('context of shard 0', context, [
        domainOf('shardnet/context/v1'),
        bytesOfHash(networkId),
        new ByteWriter(10).u16(0).u64(GENESIS_EPOCH).finish(),
        bytesOfHex(committeeHash()),
      ]),
      digestOf('genesis block of shard 0 over made-up roots', genesisBlockHash, [
        domainOf('shardnet/genesis-block/v1'),
        ...[context, genesisRoots.state, genesisRoots.outbox, genesisRoots.result].map(bytesOfHash),
      ]),
    ],
    signatures: [
      {
        name: 'proof of possession of validator 0 of shard 0',
        scheme: 'bls12-381',
        keys: [keysOf(0, 0).blsKey],
        message: hexOf(possessionPreimage(networkId, member)),
        signature: member.proofOfPossession,
      },
    ],
    refused: [],
  }
}

function committeeHash(): string {
  return committeeHashOf(must(committees[0], 'committee of shard 0'))
}

/** Written out as the page says, apart from the code that makes the network id. */
function genesisPreimage(): Uint8Array {
  const { protocol, accounts } = genesis
  const writer = new ByteWriter(1024)
    .u32(1)
    .raw(bytesOfHex(genesis.instance))
    .sized(asciiBytes(genesis.seed))
    .u16(genesis.shards)
    .u16(genesis.validatorsPerShard)
    .u32(protocol.viewTimeoutMs)
    .u32(protocol.idleBlockIntervalMs)
    .u32(protocol.blockIntervalMs)
    .u32(protocol.batchBytesMax)
    .u32(protocol.batchAgeMs)
    .u32(protocol.payloadBytesMax)
    .u32(protocol.outboxWindow)
    .u32(protocol.networkDelayMs)
    .u32(accounts.perShard)
    .u64(balanceOf(genesis))
    .raw(bytesOfHex(accounts.tableHash))
    .u16(genesis.committees.length)
  for (const { shard, members } of genesis.committees) {
    writer.u16(shard).u16(members.length)
    for (const { blsKey, peerKey } of members)
      writer.raw(bytesOfHex(blsKey)).raw(bytesOfHex(peerKey))
  }
  return writer.finish()
}

function committeePreimage(): Uint8Array {
  const writer = new ByteWriter(512).u16(0).u64(GENESIS_EPOCH).u16(4)
  for (const { blsKey, peerKey } of must(committees[0], 'committee of shard 0').members)
    writer.raw(bytesOfHex(blsKey)).raw(bytesOfHex(peerKey))
  return writer.finish()
}

/** The body of a batch that holds all transfers of this file. */
export function fixedBatchBody(): Uint8Array {
  return joinBytes(transfers.map(([, transfer]) => encodeSignedTransfer(transfer)))
}

export const FIXED_BATCH_COUNT = transfers.length

/** Results that the batch of `fixedBatchBody` might have: one code each. */
export const fixedResults = Uint8Array.of(0, 7, 3)

/** What its first transaction might have read, if it were a get: position, length, value. */
export const fixedReads = Uint8Array.of(0, 0, 0, 0, 3, 0x6f, 0x6e, 0x65)
