import type { ShardStatus } from '../api/testnet-status.ts'
import { type Attention, attend, lookAtMs } from '../plan/attention.ts'
import type { Trouble } from '../plan/pod-trouble.ts'

/** Where gateways were found. */
export interface GatewaysFound {
  /** State of everything that it rests on: another state wants another look. */
  readonly of: string
  readonly atMs: number
  /** Null when we may not know where they are. */
  readonly addresses: NonNullable<ShardStatus['gateways']> | null
  /** Some had no machine yet. */
  readonly isPartial: boolean
}

/** Their pods are all pods of the set. */
const GATEWAYS_PAUSE_MS = 5_000
const GATEWAYS_PAUSE_MS_PER_VALIDATOR = 100
/** Addresses of machines change without a word to us. */
const GATEWAYS_EVERY_MS = 600_000

/** What a member remembers of one Shard, so that it asks the API server only when the answer may be another one. */
export class ShardLook {
  hasKeys = true
  gateways: GatewaysFound | null = null
  #trouble: Trouble | null = null
  #attention: Attention | undefined
  #gatewaysOf = ''
  #podsBefore = 0
  readonly #validators: number

  constructor(validators: number) {
    this.#validators = validators
  }

  /** What the pods told when they were asked. */
  get trouble(): Trouble | null {
    return this.#trouble
  }

  /** Since more validators became ready. */
  get calmMs(): number {
    return performance.now() - (this.#attention?.grewMs ?? Number.NEGATIVE_INFINITY)
  }

  /** After how long to look at the pods, and at the keys that they mount. */
  get dueInMs(): number {
    if (this.#attention === undefined) return 0
    const isInTrouble = this.#trouble !== null || !this.hasKeys
    return lookAtMs(this.#attention, this.#validators, isInTrouble) - performance.now()
  }

  attend(ready: number): void {
    this.#attention = attend(this.#attention, ready, performance.now())
  }

  /** Whether the cluster made no pod of the set since the last look, and so may have been kept from it. */
  isStuckAt(pods: number): boolean {
    return pods <= this.#podsBefore
  }

  looked(trouble: Trouble | null, pods: number): void {
    this.#trouble = trouble
    this.#podsBefore = pods
    if (this.#attention === undefined) return
    this.#attention = { ...this.#attention, lookedMs: performance.now() }
  }

  /** All validators are ready: whatever the pods told before is over. */
  done(): void {
    this.#trouble = null
  }

  /** After how long to ask where gateways are that rest on this state. */
  gatewaysDueInMs(of: string): number {
    this.#gatewaysOf = of
    return this.gatewaysAgainMs ?? 0
  }

  /** The same, for the state that was asked for last; null where there are none. */
  get gatewaysAgainMs(): number | null {
    if (this.gateways === null) return null
    const isCurrent = this.gateways.of === this.#gatewaysOf && !this.gateways.isPartial
    const pauseMs = Math.max(GATEWAYS_PAUSE_MS, GATEWAYS_PAUSE_MS_PER_VALIDATOR * this.#validators)
    const atMs = this.gateways.atMs + (isCurrent ? GATEWAYS_EVERY_MS : pauseMs)
    return atMs - performance.now()
  }
}
