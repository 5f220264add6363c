import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { z } from 'zod'
import { NetworkOfShard, Shard } from '../api/shard.ts'
import { Testnet } from '../api/testnet.ts'
import { LocalError } from './local-error.ts'
import { ProcessIdentity } from './process-identity.ts'

const Port = z.int().min(1).max(65_535)

const ValidatorState = z.strictObject({
  validator: z.int().min(0),
  p2pPort: Port,
  httpPort: Port,
  /** Of the door for faults; null in testnets from before there was one. */
  adminPort: Port.nullable().default(null),
  /** Its folder has its birth record. Saved before its first start, so that nothing ever starts it with two births. */
  isBorn: z.boolean(),
  /** The last process that ran it, alive or not. */
  process: ProcessIdentity.nullable(),
  restarts: z.int().min(0),
})
/** One validator as the supervisor remembers it. Ports stay the same for ever. */
export type ValidatorState = z.infer<typeof ValidatorState>

const SetState = z.strictObject({ object: Shard, validators: z.array(ValidatorState) })
/** One set of validators: the Shard object that it is, in the words of the operator. */
export type SetState = z.infer<typeof SetState>

const GenerationState = z.strictObject({
  network: NetworkOfShard,
  networkId: z.string(),
  accountsFile: z.string(),
  sets: z.array(SetState),
})
/** One generation of the network. */
export type GenerationState = z.infer<typeof GenerationState>

const TestnetState = z.strictObject({
  format: z.literal(1),
  /** What is wanted. */
  document: Testnet,
  /** Made by `start`: its data may go when the next run needs the name. */
  isEphemeral: z.boolean(),
  /** First port when somebody chose, else null. */
  portsFrom: Port.nullable(),
  /** Milliseconds since 1970. */
  createdAtMs: z.number(),
  generations: z.array(GenerationState),
})
/** What the supervisor of a testnet remembers; the file `testnet.json`. */
export type TestnetState = z.infer<typeof TestnetState>

/** The state of a testnet nobody asked for before. */
export function newState(
  document: Testnet,
  isEphemeral: boolean,
  portsFrom: number | null,
): TestnetState {
  return { format: 1, document, isEphemeral, portsFrom, createdAtMs: Date.now(), generations: [] }
}

/**
 * Reads a state file; null when there is none.
 * @throws {LocalError} when it is damaged or of another version of shardnet.
 */
export function loadState(file: string): TestnetState | null {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const parsed = TestnetState.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const message = `${file} is damaged, or was written by another version of shardnet: remove its folder to start anew.`
  throw new LocalError('damagedState', message, { cause: parsed.error })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Writes a state file; on return it is on the disk, whole. */
export function saveState(file: string, state: TestnetState): void {
  const temporary = `${file}.new`
  const descriptor = openSync(temporary, 'w', 0o600)
  try {
    writeSync(descriptor, `${JSON.stringify(state, null, 2)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
}

/** Every process that the state remembers, whether it runs or not. */
export function processesIn(state: TestnetState): readonly ProcessIdentity[] {
  return state.generations
    .flatMap((generation) => generation.sets)
    .flatMap((set) => set.validators)
    .flatMap(({ process }) => (process === null ? [] : [process]))
}
