import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import type { Connection } from '@libp2p/interface'
import { bytesOfHash, type Hash } from '../../src/core/primitives/hash.ts'
import { NETWORK_ID, stopAfterTest } from './fixture.ts'

/** A libp2p node with a key of our choice and none of our rules: what a Byzantine validator or a stranger would run. */
export async function startRawPeer(
  seed: Uint8Array,
  networkId: Hash = NETWORK_ID,
): Promise<Libp2p> {
  const peer = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise({ prologueBytes: bytesOfHash(networkId) })],
    streamMuxers: [yamux()],
    connectionManager: { reconnectRetries: 0 },
    connectionMonitor: { enabled: false },
  })
  return stopAfterTest(peer)
}

export function dial(peer: Libp2p, address: string): Promise<Connection> {
  const [host, port] = address.split(':')
  return peer.dial(multiaddr(`/ip4/${host}/tcp/${port}`))
}

/** Resolves when the connection is closed, whoever did it. */
export function closed(connection: Connection): Promise<void> {
  if (connection.status !== 'open') return Promise.resolve()
  return new Promise((resolve) =>
    connection.addEventListener('close', () => resolve(), { once: true }),
  )
}
