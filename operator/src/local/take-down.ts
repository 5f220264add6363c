import { rmSync } from 'node:fs'
import { claimFolder, holderOf, releaseClaim } from './claim.ts'
import { askSupervisor } from './control.ts'
import { LocalError } from './local-error.ts'
import type { LocalPlace } from './local-place.ts'
import { endProcesses, isRunning, signal, waitForEnd } from './process-identity.ts'
import { stoppedStatus } from './stopped-status.ts'
import { type TestnetFolder, testnetFolder, testnetNames } from './testnet-folder.ts'
import { loadState, processesIn } from './testnet-state.ts'
import type { TestnetStatus } from './testnet-status.ts'
import type { Testnet } from '../api/testnet.ts'

const END_TIMEOUT_MS = 30_000
const KILL_TIMEOUT_MS = 5_000

/** What taking a testnet down came to. */
export interface TakenDown {
  /** Processes of it that this ended, the supervisor included. */
  readonly processes: number
  readonly isDataRemoved: boolean
}

/**
 * Ends every process of a testnet and no other, also where its supervisor crashed.
 * @throws {LocalError} when there is no such testnet.
 */
export async function takeDown(
  place: LocalPlace,
  name: string,
  removeData: boolean,
): Promise<TakenDown> {
  const folder = knownFolder(place, name)
  const processes = await endAll(folder)
  rmSync(folder.controlSocket, { force: true })
  if (removeData) rmSync(folder.root, { recursive: true, force: true })
  return { processes, isDataRemoved: removeData }
}

async function endAll(folder: TestnetFolder): Promise<number> {
  const before = runningProcesses(folder)
  const supervisor = holderOf(folder.root)
  if (supervisor !== null) {
    signal(supervisor, 'SIGTERM')
    signal(supervisor, 'SIGCONT')
    if (!(await waitForEnd([supervisor], END_TIMEOUT_MS))) signal(supervisor, 'SIGKILL')
    await waitForEnd([supervisor], KILL_TIMEOUT_MS)
  }
  // Without a supervisor nobody starts validators any more; those that are left missed its death.
  const holder = claimFolder(folder.root)
  if (holder !== null)
    throw new LocalError('alreadyRunning', `Testnet ${folder.name} was started again meanwhile.`)
  await endProcesses(runningProcesses(folder), END_TIMEOUT_MS)
  releaseClaim(folder.root)
  return before.length + (supervisor === null ? 0 : 1)
}

/** Ends every process of a testnet at once, without their having a say. */
export async function killTestnet(folder: TestnetFolder): Promise<void> {
  const supervisor = holderOf(folder.root)
  if (supervisor !== null) signal(supervisor, 'SIGKILL')
  const all = runningProcesses(folder)
  for (const identity of all) signal(identity, 'SIGKILL')
  await waitForEnd([...all, ...(supervisor === null ? [] : [supervisor])], KILL_TIMEOUT_MS)
}

function runningProcesses(folder: TestnetFolder) {
  const state = loadState(folder.stateFile)
  return state === null ? [] : processesIn(state).filter(isRunning)
}

/**
 * Status of a testnet, running or not.
 * @throws {LocalError} when there is none of that name.
 */
export async function statusOf(place: LocalPlace, name: string): Promise<TestnetStatus> {
  const folder = knownFolder(place, name)
  if (holderOf(folder.root) !== null) return askSupervisor(folder.controlSocket, { kind: 'status' })
  const state = loadState(folder.stateFile)
  if (state === null) throw unknownTestnet(place, name)
  return stoppedStatus(folder, state)
}

/** Whether a supervisor keeps that testnet at this moment. */
export function isKept(place: LocalPlace, name: string): boolean {
  return holderOf(testnetFolder(place.home, name).root) !== null
}

/** Makes a running testnet be what another document says. */
export function applyTo(place: LocalPlace, document: Testnet): Promise<TestnetStatus> {
  const folder = knownFolder(place, document.metadata.name)
  return askSupervisor(folder.controlSocket, { kind: 'apply', document })
}

/** Names of all testnets of this place, running or not. */
export function listTestnets(place: LocalPlace): readonly string[] {
  return testnetNames(place.home)
}

/**
 * Folder of a testnet of this place.
 * @throws {LocalError} when there is none of that name.
 */
export function knownFolder(place: LocalPlace, name: string): TestnetFolder {
  if (!testnetNames(place.home).includes(name)) throw unknownTestnet(place, name)
  return testnetFolder(place.home, name)
}

function unknownTestnet(place: LocalPlace, name: string): LocalError {
  const names = testnetNames(place.home)
  const known =
    names.length === 0 ? 'there is none; `shardnet up` makes one' : `there are: ${names.join(', ')}`
  return new LocalError('unknownTestnet', `There is no testnet named ${name} (${known}).`)
}
