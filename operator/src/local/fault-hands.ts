import { spawn } from 'node:child_process'
import type { FaultStep, ObservedCommittee } from '../plan/fault-plan.ts'
import { adminTokenOf } from './admin-token.ts'
import type { FaultPorts } from './fault-board.ts'
import { LocalError } from './local-error.ts'
import type { TestnetFolder } from './testnet-folder.ts'
import type { ValidatorStatus } from './testnet-status.ts'
import type { ValidatorSet } from './validator-set.ts'

const PROPOSER_MS_MAX = 2_000
/** After the deadline, so that it acts only where the supervisor could not. */
const WATCHDOG_EXTRA_SECONDS = 2

/** Carries faults out on the validators of this machine: signals for processes, their own admin doors for links. */
export class FaultHands implements FaultPorts {
  readonly #folder: TestnetFolder
  readonly #sets: () => readonly ValidatorSet[]

  constructor(folder: TestnetFolder, sets: () => readonly ValidatorSet[]) {
    this.#folder = folder
    this.#sets = sets
  }

  readonly observe = async (withProposers: boolean): Promise<readonly ObservedCommittee[]> => {
    const shards = Map.groupBy(
      this.#sets().flatMap((set) => set.status()),
      ({ shard }) => shard,
    )
    const committees = await Promise.all(
      [...shards].map(async ([shard, validators]) => ({
        shard,
        size: validators.length,
        proposer: withProposers ? await proposerAmong(validators) : null,
      })),
    )
    return committees.toSorted((a, b) => a.shard - b.shard)
  }

  readonly carryOut = async (id: string, step: FaultStep, forMs: number): Promise<void> => {
    const { validator } = step.target
    const set = this.#setOf(step)
    switch (step.kind) {
      case 'kill':
        return set.kill(id, validator, forMs)
      case 'pause': {
        const identity = set.pause(id, validator)
        watchPause(identity.pid, forMs)
        return
      }
      case 'shape': {
        const client = await this.#clientOf(step)
        await client.putLinks(step.rules.map((rule) => ({ ...rule, forMs: Math.max(1, forMs) })))
      }
    }
  }

  readonly undo = async (id: string, step: FaultStep): Promise<void> => {
    const { validator } = step.target
    if (step.kind === 'kill') this.#setOf(step).release(id, validator)
    if (step.kind === 'pause') this.#setOf(step).resume(id, validator)
    if (step.kind !== 'shape') return
    const client = await this.#clientOf(step)
    // Its own deadline is the same one: where it cannot be reached, it ends the rule by itself.
    await Promise.allSettled(step.rules.map((rule) => client.clearLinks(rule.id)))
  }

  readonly nameOf = ({ shard, validator }: FaultStep['target']): string => {
    const status = this.#sets()
      .flatMap((set) => set.status())
      .find((each) => each.shard === shard && each.validator === validator)
    return status?.name ?? `${shard}/${validator}`
  }

  #setOf({ target }: FaultStep): ValidatorSet {
    const set = this.#sets().find((each) => each.holds(target))
    if (set !== undefined) return set
    throw new LocalError('unsupported', `There is no validator ${this.nameOf(target)}.`)
  }

  async #clientOf(step: FaultStep) {
    const { AdminClient } = await import('@shardnet/node/client')
    const address = this.#setOf(step).adminAddressOf(step.target.validator)
    if (address === null) {
      const name = this.nameOf(step.target)
      throw new LocalError(
        'unsupported',
        `${name} has no door for faults: its testnet was made by an earlier version.`,
      )
    }
    return new AdminClient(address, adminTokenOf(this.#folder.adminTokenFile))
  }
}

/** The proposer of the newest view that a validator of the shard tells; null when none answers in time. */
async function proposerAmong(validators: readonly ValidatorStatus[]): Promise<number | null> {
  const { RpcClient } = await import('@shardnet/node/client')
  const { proposerOf } = await import('@shardnet/node/core')
  const ready = validators.filter(({ state }) => state === 'ready')
  const views = await Promise.all(
    ready.map(async ({ httpAddress }) => {
      const asked = new RpcClient(httpAddress).status({ timeoutMs: PROPOSER_MS_MAX })
      return asked.then(
        ({ view }) => view,
        () => 0, // It may be starting or hanging: the others tell.
      )
    }),
  )
  const view = Math.max(0, ...views)
  return view === 0 ? null : proposerOf(view, validators.length)
}

/**
 * A process of its own that continues a paused validator when nobody else does: when the supervisor was killed, the validator
 * has to run to see that its life line is gone.
 */
function watchPause(pid: number, forMs: number): void {
  const seconds = Math.ceil(forMs / 1_000) + WATCHDOG_EXTRA_SECONDS
  const script = 'sleep "$1"; kill -0 "$2" 2>/dev/null || kill -CONT "$3" 2>/dev/null'
  const words = ['-c', script, 'sh', String(seconds), String(process.pid), String(pid)]
  spawn('sh', words, { detached: true, stdio: 'ignore' }).unref()
}
