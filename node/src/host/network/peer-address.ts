import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { isIP } from 'node:net'
import { NetworkError } from './network-error.ts'
import type { Seat } from './seat.ts'

/** One line of the address book: where a validator's p2p port is, as `host:port` (`[::1]:9000` for IPv6). */
export interface PeerAddress extends Seat {
  readonly address: string
}

/** Host and port of one endpoint. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/**
 * Splits `host:port`.
 * @throws NetworkError `badAddress` when it is anything else.
 */
export function parseHostPort(address: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(address)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) {
    throw new NetworkError('badAddress', `expected host:port, got ${JSON.stringify(address)}`)
  }
  return { host, port }
}

/** The libp2p address of an endpoint, with the identity that must answer there when one is given. */
export function multiaddrOf({ host, port }: HostPort, peerId?: string): Multiaddr {
  const version = isIP(host)
  const base = `/${version === 0 ? 'dns' : `ip${version}`}/${host}/tcp/${port}`
  return multiaddr(peerId === undefined ? base : `${base}/p2p/${peerId}`)
}
