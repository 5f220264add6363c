import type { FaultPlan } from '../api/fault.ts'
import { holderOf } from './claim.ts'
import { askAboutFaults, type FaultRequest } from './control.ts'
import type { FaultStatus } from './fault-status.ts'
import { LocalError } from './local-error.ts'
import type { LocalPlace } from './local-place.ts'
import { knownFolder } from './take-down.ts'

/**
 * Puts faults into a running testnet, at their times. They end by themselves, also when the caller is gone by then.
 * @throws {LocalError} when the testnet does not run or has no such validators.
 */
export function putFaults(
  place: LocalPlace,
  name: string,
  faults: readonly FaultPlan[],
): Promise<readonly FaultStatus[]> {
  return ask(place, name, { kind: 'fault', faults: [...faults] })
}

/** All faults that a testnet's supervisor remembers. @throws {LocalError} when the testnet does not run. */
export function faultsOf(place: LocalPlace, name: string): Promise<readonly FaultStatus[]> {
  return ask(place, name, { kind: 'listFaults' })
}

/** Ends a fault before its time, or all. @throws {LocalError} when there is none of that id. */
export function clearFaults(
  place: LocalPlace,
  name: string,
  id: string | null,
): Promise<readonly FaultStatus[]> {
  return ask(place, name, { kind: 'clearFaults', id })
}

async function ask(
  place: LocalPlace,
  name: string,
  request: FaultRequest,
): Promise<readonly FaultStatus[]> {
  const folder = knownFolder(place, name)
  if (holderOf(folder.root) === null)
    throw new LocalError('notRunning', `Testnet ${name} does not run: shardnet up brings it up.`)
  return askAboutFaults(folder.controlSocket, request)
}
