import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Testnet } from '../../src/api/door.ts'
import { listTestnets, type LocalPlace, takeDown } from '../../src/local/door.ts'

/** A place of its own for one test, taken down and removed afterwards, whatever the test did. */
export async function workshop(context: TestContext): Promise<LocalPlace> {
  const root = await mkdtemp(join(tmpdir(), 'shardnet-local-'))
  const place = {
    home: join(root, 'testnets'),
    cacheFolder: join(root, 'cache'),
    program: fileURLToPath(new URL('stand-in-validator.ts', import.meta.url)),
  }
  context.after(async () => {
    for (const name of listTestnets(place)) await takeDown(place, name, true)
    await rm(root, { recursive: true, force: true })
  })
  return place
}

/** A small testnet: few accounts, so that its genesis is quick. */
export function smallTestnet(name: string, spec: Readonly<Record<string, unknown>> = {}): Testnet {
  return Testnet.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Testnet',
    metadata: { name },
    spec: { shards: 1, genesis: { accountsPerShard: 4 }, ...spec },
  })
}
