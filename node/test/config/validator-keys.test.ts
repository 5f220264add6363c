import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { ConfigError } from '../../src/config/problems.ts'
import { Secret } from '../../src/config/secret.ts'
import {
  loadValidatorKeys,
  saveValidatorKeys,
  shardSecretOf,
  validatorKeysOf,
} from '../../src/config/validator-keys.ts'
import { asciiBytes, hexOf, joinBytes } from '../../src/core/primitives/bytes.ts'

const root = new Secret(new Uint8Array(32).fill(1))
const shardSecret = shardSecretOf(root, 3)
const keys = validatorKeysOf(shardSecret, 3, 2)

test('keys are derived as documented, computed here by other code', () => {
  const derive = (secret: Uint8Array, info: Uint8Array) =>
    hkdf(sha256, secret, asciiBytes('shardnet/keys/v1'), info, 32)
  const ofShard = derive(root.reveal(), joinBytes([asciiBytes('shard'), Uint8Array.of(0, 3)]))
  assert.equal(hexOf(shardSecret.reveal()), hexOf(ofShard))
  const peerSeed = derive(ofShard, joinBytes([asciiBytes('peer'), Uint8Array.of(0, 2)]))
  assert.equal(hexOf(keys.peerSeed.reveal()), hexOf(peerSeed))
  assert.equal(keys.peerKey, hexOf(ed25519.getPublicKey(peerSeed)))
  assert.equal(keys.blsKey, bls12_381.longSignatures.getPublicKey(keys.blsSecret.reveal()).toHex())
})

test('every seat and every shard has keys of its own', () => {
  const seen = new Set<string>()
  for (let shard = 0; shard < 4; shard++) {
    for (let seat = 0; seat < 7; seat++) {
      const { blsKey, peerKey } = validatorKeysOf(shardSecretOf(root, shard), shard, seat)
      seen.add(blsKey).add(peerKey)
    }
  }
  assert.equal(seen.size, 4 * 7 * 2)
})

test('no way of printing keys shows a secret', () => {
  const secrets = [hexOf(keys.blsSecret.reveal()), hexOf(keys.peerSeed.reveal())]
  const bytes = [[...keys.blsSecret.reveal()].join(), [...keys.peerSeed.reveal()].join()]
  const printed = [
    JSON.stringify(keys),
    inspect(keys, { depth: 10, showHidden: true }),
    String(keys.blsSecret),
    keys.peerSeed.toString(),
    JSON.stringify(Object.entries(keys.blsSecret)),
  ].join('\n')
  for (const secret of [...secrets, ...bytes]) assert.ok(!printed.includes(secret))
  assert.match(printed, /\[secret\]/)
})

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-keys-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a key file is for its owner only, marked as a generated test key, and reads back', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'deep', 'validator.key')
    await saveValidatorKeys(file, keys)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.match(await readFile(file, 'utf8'), /Generated test key/)
    const read = await loadValidatorKeys(file)
    assert.deepEqual({ ...read, blsSecret: 0, peerSeed: 0 }, { ...keys, blsSecret: 0, peerSeed: 0 })
    assert.deepEqual(read.blsSecret.reveal(), keys.blsSecret.reveal())
    assert.deepEqual(read.peerSeed.reveal(), keys.peerSeed.reveal())
  })
})

test('a key file that everybody may read, or that is wrong, is refused without repeating a byte of it', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'validator.key')
    await saveValidatorKeys(file, keys)
    await chmod(file, 0o644)
    await assert.rejects(loadValidatorKeys(file), /expected mode 0600 .*got mode 0644/)
    await chmod(file, 0o600)
    const text = await readFile(file, 'utf8')
    const secret = hexOf(keys.blsSecret.reveal())
    const peerSeed = hexOf(keys.peerSeed.reveal())
    const wrong = [
      text.replace(secret, `${secret}00`),
      text.replace(secret, 'f'.repeat(64)),
      text.replace(secret, '0'.repeat(64)),
      text.replace('"shard"', '"shrad"'),
      text.slice(0, -40),
      `${secret}${text}`,
    ]
    for (const content of wrong) {
      await writeFile(file, content)
      await assert.rejects(loadValidatorKeys(file), (error) => {
        assert.ok(error instanceof ConfigError)
        const shown = inspect(error, { depth: 10 })
        assert.ok(
          !shown.includes(secret.slice(0, 16)) && !shown.includes(peerSeed.slice(0, 16)),
          shown,
        )
        return true
      })
    }
    await assert.rejects(
      loadValidatorKeys(join(folder, 'none')),
      /expected a readable file, got ENOENT/,
    )
  })
})
