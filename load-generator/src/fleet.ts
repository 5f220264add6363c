import type { ServerFrame } from '@shardnet/node/client'
import { faultyMaxOf, must, type CommitEvent } from '@shardnet/node/core'
import { LoadError, type LoadNetwork, type Target } from './network.ts'
import { ShardFeed } from './shard-feed.ts'
import type { OpenStream } from './stream.ts'
import { ValidatorLink } from './validator-link.ts'

/** After f + 1 validators of each shard said their welcome, the others get this long before the run begins. */
const GRACE_MS = 500

/** What the doors of the validators tell the run. */
export interface FleetListener {
  onBelieved(event: CommitEvent): void
  onAnswer(link: ValidatorLink, answer: DoorAnswer): void
  onLost(link: ValidatorLink): void
}

/** Answers to transactions that were sent. */
export type DoorAnswer = Extract<ServerFrame, { kind: 'refused' | 'acknowledged' | 'busy' }>

/** All validators of a testnet: their links, and what is believed of each shard. */
export class Fleet {
  readonly #network: LoadNetwork
  readonly #listener: FleetListener
  /** By shard, then by validator. */
  readonly #links: readonly (readonly ValidatorLink[])[]
  #feeds: readonly ShardFeed[] = []
  readonly #welcomeHeights: (number | undefined)[][]
  #onWelcome: () => void = () => undefined
  #wrongNetwork: string | null = null
  connectionsLost = 0

  constructor(
    network: LoadNetwork,
    targets: readonly Target[],
    openStream: OpenStream,
    listener: FleetListener,
  ) {
    this.#network = network
    this.#listener = listener
    const handlers = {
      onFrame: (link: ValidatorLink, frame: ServerFrame) => this.#onFrame(link, frame),
      onLost: (link: ValidatorLink) => this.#onLost(link),
    }
    // A validator without an address has a link that is never connected: f + 1 of a shard are enough.
    this.#links = Array.from({ length: network.shards }, (_, shard) =>
      Array.from({ length: network.validatorsPerShard }, (__, validator) => {
        const target = targets.find((each) => each.shard === shard && each.validator === validator)
        return new ValidatorLink(
          target ?? { shard, validator, httpAddress: '' },
          openStream,
          handlers,
        )
      }),
    )
    this.#welcomeHeights = this.#links.map((links) => links.map(() => undefined))
  }

  /** Believed height of each shard. */
  heights(): number[] {
    return this.#feeds.map((feed) => feed.height)
  }

  get contradictions(): number {
    return this.#feeds.reduce((total, feed) => total + feed.contradictions, 0)
  }

  /**
   * Connects to all, and returns once f + 1 validators of every shard have said their welcome and the others had a moment.
   * @throws LoadError when that takes longer than `timeoutMs`, or when somebody there belongs to another network.
   */
  async connect(timeoutMs: number, signal: AbortSignal): Promise<void> {
    for (const link of this.#links.flat().filter(hasAddress)) link.connect()
    await this.#waitFor(hasEnough, timeoutMs, signal)
    signal.throwIfAborted()
    if (this.#shardsWithout(hasEnough).length > 0) throw this.#unreachable(timeoutMs)
    await this.#waitFor(
      (welcomes, links) => welcomes.length === links.filter(hasAddress).length,
      GRACE_MS,
      signal,
    )
    this.#feeds = this.#links.map(
      (links, shard) => new ShardFeed(shard, links, this.#startHeightOf(shard)),
    )
  }

  /**
   * The validator that a transaction should go to: its home, or the next one. Those that fell silent come last, and are
   * tried all the same when nobody talks: they may be waiting for each other.
   */
  linkFor(shard: number, preferred: number): ValidatorLink | null {
    const links = must(this.#links[shard], 'a shard of the network')
    let silent: ValidatorLink | null = null
    for (let step = 0; step < links.length; step++) {
      const link = links[(preferred + step) % links.length]
      if (link?.isTalking === true) return link
      if (link?.isTaking === true) silent ??= link
    }
    return silent
  }

  /** Sends what was queued for each validator. */
  flush(): void {
    for (const links of this.#links) for (const link of links) link.flush()
  }

  tick(nowMs: number): void {
    for (const feed of this.#feeds) feed.tick(nowMs)
  }

  close(): void {
    for (const link of this.#links.flat()) link.close()
  }

  #onFrame(link: ValidatorLink, frame: ServerFrame): void {
    const { shard, validator } = link.target
    const feed = this.#feeds[shard]
    switch (frame.kind) {
      case 'welcome':
        return this.#onWelcomed(link, frame)
      case 'event':
        feed?.onEvent(validator, frame.event)
        return this.#drain(feed)
      case 'eventDigest':
        feed?.onDigest(validator, frame.height, frame.digest)
        return this.#drain(feed)
      case 'refused':
      case 'acknowledged':
      case 'busy':
        return this.#listener.onAnswer(link, frame)
      case 'eventMissing':
        // The feed asks another validator when its time is up.
        return
    }
  }

  #drain(feed: ShardFeed | undefined): void {
    if (feed === undefined) return
    for (const event of feed.believed()) this.#listener.onBelieved(event)
  }

  #onWelcomed(link: ValidatorLink, welcome: Extract<ServerFrame, { kind: 'welcome' }>): void {
    const { shard, validator } = link.target
    if (
      welcome.networkId !== this.#network.networkId ||
      welcome.shard !== shard ||
      welcome.validator !== validator
    ) {
      this.#wrongNetwork = `${link.target.httpAddress} is not validator ${validator} of shard ${shard} of this testnet`
      link.reject()
      return this.#onWelcome()
    }
    link.accept()
    const heights = must(this.#welcomeHeights[shard], 'a shard of the network')
    heights[validator] = welcome.height
    this.#feeds[shard]?.subscribe(validator)
    this.#onWelcome()
  }

  #onLost(link: ValidatorLink): void {
    this.connectionsLost += 1
    this.#feeds[link.target.shard]?.onLost(link.target.validator)
    this.#listener.onLost(link)
  }

  /** The highest height that f + 1 validators claim: an honest one is there, so it is committed, and before our first send. */
  #startHeightOf(shard: number): number {
    const heights = this.#welcomesOf(shard).toSorted((a, b) => b - a)
    return must(
      heights[faultyMaxOf(this.#network.validatorsPerShard)],
      'f + 1 validators said their welcome',
    )
  }

  #welcomesOf(shard: number): number[] {
    return (this.#welcomeHeights[shard] ?? []).filter((height) => height !== undefined)
  }

  #shardsWithout(
    holds: (welcomes: number[], links: readonly ValidatorLink[]) => boolean,
  ): number[] {
    return this.#links.flatMap((links, shard) =>
      holds(this.#welcomesOf(shard), links) ? [] : [shard],
    )
  }

  /** Resolves when the condition holds for every shard, or after the time; refuses a wrong network at once. */
  async #waitFor(
    holds: (welcomes: number[], links: readonly ValidatorLink[]) => boolean,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const check = (): void => {
      if (this.#wrongNetwork !== null) reject(new LoadError('wrongNetwork', this.#wrongNetwork))
      else if (this.#shardsWithout(holds).length === 0 || signal.aborted) resolve()
    }
    const timer = setTimeout(resolve, timeoutMs)
    this.#onWelcome = check
    signal.addEventListener('abort', check, { once: true })
    try {
      check()
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', check)
      this.#onWelcome = () => undefined
    }
  }

  #unreachable(timeoutMs: number): LoadError {
    const shards = this.#shardsWithout(hasEnough)
    return new LoadError(
      'unreachable',
      `fewer than f + 1 validators of shard ${shards.join(', ')} answered within ${timeoutMs} ms`,
    )
  }
}

/** f + 1: an honest one is among them. */
function hasEnough(welcomes: readonly number[], links: readonly ValidatorLink[]): boolean {
  return welcomes.length > faultyMaxOf(links.length)
}

function hasAddress(link: ValidatorLink): boolean {
  return link.target.httpAddress !== ''
}
