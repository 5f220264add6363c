import { DEFAULT_NAME } from '@shardnet/operator/api'
import { isKept, listTestnets, type LocalPlace } from '@shardnet/operator/local'

/** The testnet that is meant: the one named, else the only one that runs, else the default name. */
export function testnetName(place: LocalPlace, typed: string | undefined): string {
  if (typed !== undefined) return typed
  const names = listTestnets(place)
  const running = names.filter((name) => isKept(place, name))
  const [only] = running.length === 0 ? names : running
  return only !== undefined && (running.length === 1 || names.length === 1) ? only : DEFAULT_NAME
}
