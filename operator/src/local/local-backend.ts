import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Action } from '../plan/action.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import type { ObservedTestnet } from '../plan/observed.ts'
import { shardObject } from '../plan/shard-object.ts'
import { placeOf, type ShardPlan } from '../plan/shard-plan.ts'
import { createNetwork, writeAddressBook, writeConfigurations } from './create-network.ts'
import { LocalError } from './local-error.ts'
import { findFreePorts, takePortsFrom } from './ports.ts'
import { generationFiles, generationFolder, type TestnetFolder } from './testnet-folder.ts'
import {
  type GenerationState,
  saveState,
  type SetState,
  type TestnetState,
} from './testnet-state.ts'
import type { ValidatorStatus } from './testnet-status.ts'
import { initialiseValidators } from './validator-process.ts'
import { ValidatorSet } from './validator-set.ts'

/** Where a local backend works. */
export interface LocalBackendOptions {
  readonly folder: TestnetFolder
  /** Where account tables are kept for all testnets. */
  readonly cacheFolder: string
  /** Path of the validator's main.ts. */
  readonly program: string
  /** Called when a validator became ready or ended. */
  readonly onChange: () => void
}

/** The wanted generation as `status` shows it. */
export interface GenerationStatus {
  readonly network: GenerationState['network'] | null
  readonly networkId: string | null
  readonly genesisFile: string | null
  readonly accountsFile: string | null
  readonly validators: ValidatorStatus[]
}

/**
 * Carries out the actions of a plan with processes and files of this machine, and observes what became of them.
 * The counterpart of kubernetes/, which does the same with objects of an API server.
 */
export class LocalBackend {
  readonly #options: LocalBackendOptions
  readonly #state: TestnetState
  readonly #sets = new Map<SetState, ValidatorSet>()
  #isStopping = false

  constructor(options: LocalBackendOptions, state: TestnetState) {
    this.#options = options
    this.#state = state
  }

  /** What is there now. How long nothing was committed is for the caller to know. */
  observe(idleMs: number): ObservedTestnet {
    const testnet = this.#state.document.metadata.name
    const generations = this.#state.generations.map((generation) => ({
      network: { testnet, ...generation.network },
      shards: this.#setsOf(generation).map((set) => ({
        plan: set.plan,
        readyValidators: set.readyCount,
      })),
    }))
    return { generations, ageMs: Date.now() - this.#state.createdAtMs, idleMs }
  }

  /** Does one action; doing it again does no harm. */
  async carryOut(action: Action): Promise<void> {
    console.log(
      `${new Date().toISOString()} ${action.kind} ${'shard' in action ? action.shard.name : action.network.testnet}`,
    )
    switch (action.kind) {
      case 'createNetwork':
        return this.#createNetwork(action.network)
      case 'applyShard':
        return this.#applyShard(action.shard)
      case 'removeShard':
        return this.#removeShard(action.shard)
      case 'removeNetwork':
        return this.#removeNetwork(action.network, action.data)
    }
  }

  /** Initialises and starts every validator that should run and does not. Returns when to look again. */
  async driveValidators(): Promise<number> {
    const sets = this.#state.generations.flatMap((generation) => this.#setsOf(generation))
    const nowMs = performance.now()
    const plans = sets.map((set) => ({ set, plan: set.planAt(nowMs) }))
    const steps = plans.flatMap(({ set, plan }) => plan.actions.map((action) => ({ set, action })))
    const births = steps.filter(({ action }) => action.kind === 'initialiseValidator')
    if (births.length > 0)
      await this.#initialise(births.map(({ set, action }) => ({ set, seat: action.validator })))
    const starts = steps.filter(({ action }) => action.kind === 'startValidator')
    for (const { set, action } of starts) {
      if (!this.#isStopping) set.start(action.validator.validator)
    }
    if (starts.length > 0) this.#save()
    for (const { action } of starts)
      console.log(`${new Date().toISOString()} started ${action.validator.name}`)
    return Math.min(...plans.map(({ plan }) => plan.wakeAtMs))
  }

  /** Ends all validators. None is started afterwards. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#sets.values()].map((set) => set.stop()))
    this.#save()
  }

  /** The sets of the wanted generation: those that faults hit. */
  newestSets(): readonly ValidatorSet[] {
    const newest = this.#state.generations.at(-1)
    return newest === undefined ? [] : this.#setsOf(newest)
  }

  status(): GenerationStatus {
    const newest = this.#state.generations.at(-1)
    if (newest === undefined) {
      return {
        network: null,
        networkId: null,
        genesisFile: null,
        accountsFile: null,
        validators: [],
      }
    }
    const { network, networkId, accountsFile } = newest
    const { genesisFile } = generationFiles(this.#options.folder, network)
    const validators = this.#setsOf(newest).flatMap((set) => set.status())
    return { network, networkId, genesisFile, accountsFile, validators }
  }

  async #createNetwork(network: NetworkPlan): Promise<void> {
    const { folder, cacheFolder } = this.#options
    const root = generationFolder(folder, network)
    // A generation that was kept or half-made, and that nobody remembers: never mixed with a new one.
    if (existsSync(root)) await rename(root, `${root}.kept-${Date.now()}`)
    const created = await createNetwork(folder, cacheFolder, network)
    const { testnet: _, ...shared } = network
    this.#state.generations.push({ network: shared, ...created, sets: [] })
    this.#save()
  }

  async #applyShard(shard: ShardPlan): Promise<void> {
    const generation = this.#generationOf(shard.network)
    let set = this.#setsOf(generation).find((each) => placeOf(each.plan) === placeOf(shard))
    if (set === undefined) {
      const state = { object: shardObject(shard), validators: await this.#newSeats(shard) }
      generation.sets.push(state)
      set = this.#setOf(state)
    }
    set.state.object = shardObject(shard)
    await writeConfigurations(this.#options.folder, generation.accountsFile, shard, set.state)
    await writeAddressBook(this.#options.folder, shard.network, generation.sets)
    this.#save()
  }

  async #newSeats(shard: ShardPlan): Promise<SetState['validators']> {
    const { start, count } = shard.ordinals
    const ports = await this.#newPorts(3 * count)
    return Array.from({ length: count }, (_, index) => ({
      validator: start + index,
      p2pPort: ports[2 * index] ?? 0,
      httpPort: ports[2 * index + 1] ?? 0,
      adminPort: ports[2 * count + index] ?? 0,
      isBorn: false,
      process: null,
      restarts: 0,
    }))
  }

  #newPorts(count: number): Promise<number[]> {
    const taken = new Set(portsIn(this.#state))
    const { portsFrom } = this.#state
    if (portsFrom !== null) return takePortsFrom(portsFrom + taken.size, count)
    return findFreePorts(count, this.#options.folder.root, taken)
  }

  async #initialise(
    births: readonly { set: ValidatorSet; seat: { validator: number } }[],
  ): Promise<void> {
    const files = births.map(({ set, seat }) => set.filesOf(seat.validator))
    // Left by an attempt that failed half-way. No validator ever ran on it: that is saved before a first start.
    await Promise.all(
      files.map(({ dataDirectory }) => rm(dataDirectory, { recursive: true, force: true })),
    )
    await initialiseValidators(
      this.#options.program,
      files.map(({ configFile }) => configFile),
    )
    for (const { set, seat } of births) set.markBorn(seat.validator)
    this.#save()
  }

  async #removeShard(shard: ShardPlan): Promise<void> {
    const generation = this.#generationOf(shard.network)
    const index = generation.sets.findIndex(
      (state) => placeOf(this.#setOf(state).plan) === placeOf(shard),
    )
    const state = generation.sets[index]
    if (state === undefined) return
    await this.#setOf(state).stop()
    this.#sets.delete(state)
    generation.sets.splice(index, 1)
    this.#save()
  }

  async #removeNetwork(network: NetworkPlan, data: 'Delete' | 'Retain'): Promise<void> {
    const root = generationFolder(this.#options.folder, network)
    if (data === 'Delete') await rm(root, { recursive: true, force: true })
    const index = this.#state.generations.indexOf(this.#generationOf(network))
    this.#state.generations.splice(index, 1)
    this.#save()
  }

  #generationOf(network: NetworkPlan): GenerationState {
    const found = this.#state.generations.find(
      (each) => each.network.generation === network.generation,
    )
    if (found !== undefined) return found
    throw new LocalError(
      'damagedState',
      `There is no generation ${network.generation} of ${network.testnet}.`,
    )
  }

  #setsOf(generation: GenerationState): readonly ValidatorSet[] {
    return generation.sets.map((state) => this.#setOf(state))
  }

  #setOf(state: SetState): ValidatorSet {
    const known = this.#sets.get(state)
    if (known !== undefined) return known
    const { folder, program, onChange } = this.#options
    const set = new ValidatorSet({ folder, program, onChange }, state)
    this.#sets.set(state, set)
    return set
  }

  #save(): void {
    saveState(this.#options.folder.stateFile, this.#state)
  }
}

/** Every port that a testnet has, running or not. */
export function portsIn(state: TestnetState): readonly number[] {
  const seats = state.generations.flatMap((each) => each.sets).flatMap((set) => set.validators)
  return seats.flatMap(({ p2pPort, httpPort, adminPort }) => [
    p2pPort,
    httpPort,
    ...(adminPort === null ? [] : [adminPort]),
  ])
}
