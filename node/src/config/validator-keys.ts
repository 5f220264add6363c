import blst from '@chainsafe/blst'
import { createPrivateKey, createPublicKey, hkdfSync, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { z } from 'zod'
import { bytesOfHex, hexOf, joinBytes } from '../core/primitives/bytes.ts'
import { ByteWriter } from '../core/primitives/byte-writer.ts'
import { mustHold } from '../core/errors.ts'
import { readText, writeFileDurably } from './files.ts'
import { ConfigError, parseJson, parseWith } from './problems.ts'
import { hexText, SeatNumber, ShardNumber } from './shapes.ts'
import { Secret } from './secret.ts'

const SECRET_BYTES = 32
const SALT = 'shardnet/keys/v1'

/** What one validator signs with, and the public halves that its committee knows. */
export interface ValidatorKeys {
  readonly shard: number
  readonly validator: number
  /** BLS12-381 public key, 48 bytes compressed, as hexadecimal text. */
  readonly blsKey: string
  /** ed25519 public key, 32 bytes, as hexadecimal text. */
  readonly peerKey: string
  readonly blsSecret: Secret
  /** ed25519 seed of the peer identity. */
  readonly peerSeed: Secret
}

/** A fresh root secret, from which all keys of one testnet come. It is not the public workload seed. */
export function createRootSecret(): Secret {
  return new Secret(randomBytes(SECRET_BYTES))
}

/** The secret of one shard: whoever holds it can be every validator of that shard and of no other. */
export function shardSecretOf(root: Secret, shard: number): Secret {
  return derive(root, 'shard', shard)
}

/** Keys of one validator from its shard's secret (HKDF-SHA-256, RFC 5869; BLS key generation of the IETF draft). */
export function validatorKeysOf(
  shardSecret: Secret,
  shard: number,
  validator: number,
): ValidatorKeys {
  const blsSecretKey = blst.SecretKey.fromKeygen(derive(shardSecret, 'bls', validator).reveal())
  return keysFrom({
    shard,
    validator,
    blsSecret: new Secret(blsSecretKey.toBytes()),
    peerSeed: derive(shardSecret, 'peer', validator),
  })
}

function derive(secret: Secret, purpose: string, index: number): Secret {
  const input = secret.reveal()
  mustHold(input.length === SECRET_BYTES, 'a secret has 32 bytes')
  const info = joinBytes([new TextEncoder().encode(purpose), new ByteWriter(2).u16(index).finish()])
  return new Secret(new Uint8Array(hkdfSync('sha256', input, SALT, info, SECRET_BYTES)))
}

type Secrets = Pick<ValidatorKeys, 'shard' | 'validator' | 'blsSecret' | 'peerSeed'>

/** @throws Error when the BLS secret is zero or not below the group's order. */
function keysFrom(secrets: Secrets): ValidatorKeys {
  const blsKey = blst.SecretKey.fromBytes(secrets.blsSecret.reveal()).toPublicKey().toBytes()
  return {
    ...secrets,
    blsKey: hexOf(blsKey),
    peerKey: hexOf(peerKeyOfSeed(secrets.peerSeed.reveal())),
  }
}

/** DER in front of a raw ed25519 seed (RFC 8410), which is how node:crypto takes one. */
const SEED_PREFIX = bytesOfHex('302e020100300506032b657004220420')
const PUBLIC_KEY_BYTES = 32

/** The ed25519 public key (32 bytes) of a seed. */
export function peerKeyOfSeed(seed: Uint8Array): Uint8Array {
  const der = Buffer.concat([SEED_PREFIX, seed])
  const secretKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(secretKey).export({ format: 'der', type: 'spki' })
  return new Uint8Array(spki.subarray(-PUBLIC_KEY_BYTES))
}

const WARNING =
  'Generated test key. It protects nothing of value; never use it outside of a testnet.'

const KeyFile = z.strictObject({
  format: z.literal(1),
  kind: z.literal('shardnet-validator-key'),
  warning: z.string(),
  shard: ShardNumber,
  validator: SeatNumber,
  blsSecret: hexText(SECRET_BYTES),
  peerSeed: hexText(SECRET_BYTES),
})

/** Writes a `validator.key`: readable by its owner only, marked as a generated test key, complete or not there at all. */
export async function saveValidatorKeys(file: string, keys: ValidatorKeys): Promise<void> {
  const document: z.infer<typeof KeyFile> = {
    format: 1,
    kind: 'shardnet-validator-key',
    warning: WARNING,
    shard: keys.shard,
    validator: keys.validator,
    blsSecret: hexOf(keys.blsSecret.reveal()),
    peerSeed: hexOf(keys.peerSeed.reveal()),
  }
  const text = `${JSON.stringify(document, null, 2)}\n`
  await writeFileDurably(file, new TextEncoder().encode(text), 0o600)
}

const READABLE_BY_OTHERS = 0o004

/**
 * Reads a `validator.key`. No problem it reports repeats a value of the file.
 * @throws ConfigError when it is unusable, or readable by everybody on the machine.
 */
export async function loadValidatorKeys(file: string): Promise<ValidatorKeys> {
  const text = await readText(file)
  const { mode } = await stat(file)
  if ((mode & READABLE_BY_OTHERS) !== 0) {
    throw new ConfigError(file, [
      {
        path: '',
        expected: 'mode 0600 (run: chmod 600)',
        got: `mode ${(mode & 0o777).toString(8).padStart(4, '0')}`,
      },
    ])
  }
  const document = parseWith(file, KeyFile, parseJson(file, text), 'hidden')
  try {
    return keysFrom({
      shard: document.shard,
      validator: document.validator,
      blsSecret: new Secret(bytesOfHex(document.blsSecret)),
      peerSeed: new Secret(bytesOfHex(document.peerSeed)),
    })
  } catch {
    // The binding's message could repeat the key, so it is not passed on.
    throw new ConfigError(file, [
      { path: 'blsSecret', expected: 'a BLS12-381 secret key', got: 'another number' },
    ])
  }
}
