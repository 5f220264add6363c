import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashOfBytes } from '@shardnet/node/core'
import { Testnet } from '@shardnet/operator/api'
import {
  type LaunchedTestnet,
  launchTestnet,
  type LocalPlace,
  type TestnetStatus,
} from '@shardnet/operator/local'
import type { ChaosArguments } from './arguments.ts'
import { type ChaosResult, type CheckedFigures, judge, type PlayedStep } from './chaos-result.ts'
import { commitOfClone } from './commit.ts'
import { EndWatch } from './end-watch.ts'
import { Gate } from './gate.ts'
import { CellLoad } from './cell-load.ts'
import { judgeCells } from './judge-cells.ts'
import { LedgerClient } from './ledger-client.ts'
import { Draws } from './random.ts'
import {
  amnesiacOf,
  missingOf,
  nothingFired,
  requirementsOf,
  type Step,
  stepsOf,
} from './schedule.ts'
import { canMount, SmallDisks } from './small-disk.ts'
import { BrokenPromise, playStep, type StepTools } from './steps.ts'
import {
  nameOf,
  type Seat,
  StuckError,
  TestnetUnderChaos,
  WAIT_MS_MAX,
} from './testnet-under-chaos.ts'
import { TransferLoad } from './transfer-load.ts'
import { verifyFiles } from './verify.ts'

const SHARDS = 2
const VALIDATORS = 4
const ACCOUNTS_PER_SHARD = 256
const CROSS_SHARD = 0.3
const FIRST_HEIGHT = 5
/** A run goes on past its length until it counts, but not for ever. */
const OVERTIME_MS_MAX = 15 * 60_000

/** What the client does. */
interface Load {
  readonly client: LedgerClient
  readonly transfers: TransferLoad
  readonly cells: CellLoad
}

/** One whole run. */
export class ChaosRun {
  readonly #given: ChaosArguments
  readonly #say: (line: string) => void
  readonly #signal: AbortSignal
  readonly #folder = mkdtempSync(join(tmpdir(), 'shardnet-chaos-'))
  readonly #disks: SmallDisks | null
  readonly #fired = nothingFired()
  readonly #steps: PlayedStep[] = []
  readonly #violations: string[] = []
  readonly #forgetful: readonly Seat[]
  readonly #gate = new Gate()
  #startedMs = performance.now()
  /** A lane ended: the others do no further steps, whatever the reason was. */
  #isEnding = false

  constructor(given: ChaosArguments, say: (line: string) => void, signal: AbortSignal) {
    this.#given = given
    this.#say = say
    this.#signal = signal
    this.#disks = canMount(this.#folder) ? new SmallDisks() : null
    this.#forgetful = Array.from({ length: SHARDS }, (_, shard) => ({
      shard,
      validator: amnesiacOf(given.seed, shard, VALIDATORS),
    }))
  }

  /** Runs to the end. Whatever happens, no process and no mount of it is left. */
  async run(): Promise<ChaosResult> {
    const launched = launchTestnet(this.#place(), {
      document: document(),
      isEphemeral: true,
      portsFrom: null,
    })
    let checked: CheckedFigures | null = null
    this.#say(`Everything lies in ${this.#folder} until it is proved clean`)
    try {
      const status = await launched.waitUntilReady(this.#signal)
      checked = await this.#underLoad(launched, status)
    } finally {
      await launched.stop()
      this.#disks?.close()
      if (this.#signal.aborted) rmSync(this.#folder, { recursive: true, force: true })
    }
    const result = judge({
      seed: this.#given.seed,
      lengthMs: this.#given.lengthMs,
      ranForMs: performance.now() - this.#startedMs,
      requirements: requirementsOf(this.#given.lengthMs),
      commit: commitOfClone(),
      fired: this.#fired,
      steps: this.#steps,
      checked,
      violations: this.#violations,
      folder: this.#violations.length > 0 ? this.#folder : null,
    })
    if (this.#violations.length === 0) rmSync(this.#folder, { recursive: true, force: true })
    return result
  }

  #place(): LocalPlace {
    return {
      home: join(this.#folder, 'testnets'),
      cacheFolder: join(this.#folder, 'accounts'),
      program: fileURLToPath(new URL('validator.ts', import.meta.url)),
    }
  }

  async #underLoad(launched: LaunchedTestnet, status: TestnetStatus): Promise<CheckedFigures> {
    const testnet = new TestnetUnderChaos(this.#place(), launched.name, this.#signal)
    const load = this.#load(status)
    const { client } = load
    client.start()
    load.transfers.start()
    load.cells.start()
    try {
      await Promise.all(Array.from({ length: SHARDS }, (_, shard) => this.#begun(testnet, shard)))
      this.#startedMs = performance.now()
      await this.#breakThings(testnet, client)
      await this.#comeToRest(testnet, load)
    } finally {
      load.transfers.stop()
      load.cells.stop()
      await client.close()
    }
    const last = await testnet.status()
    await launched.stop()
    this.#disks?.close()
    this.#say('Reading the files of all validators')
    const verdict = await verifyFiles(last, client.entries, this.#forgetful)
    const cells = judgeCells(load.cells.histories)
    this.#violations.push(
      ...verdict.violations,
      ...cells.violations,
      ...load.cells.problems,
      ...client.refusals.map((refusal) => `an honest client was refused: ${refusal}`),
    )
    const { foundInFiles, blocks, validatorsRead } = verdict
    return {
      sent: client.entries.length,
      acknowledged: client.acknowledged,
      committed: client.committed,
      foundInFiles,
      blocks,
      validatorsRead,
      cellOperations: cells.operations,
      cellsJudged: cells.judged,
    }
  }

  #load({ networkId, network, accountsFile, validators }: TestnetStatus): Load {
    if (networkId === null || network === null || accountsFile === null)
      throw new StuckError('the testnet has no network')
    const signing = {
      networkId: hashOfBytes(Buffer.from(networkId, 'hex')),
      seed: network.seed,
      accountsPerShard: network.accounts.perShard,
      accountTable: readFileSync(accountsFile),
    }
    const { seed, rate } = this.#given
    const client = new LedgerClient({
      shards: SHARDS,
      doors: validators,
      forgetful: this.#forgetful,
      draws: new Draws(seed, 'client'),
    })
    const shared = { client, network: signing, shards: SHARDS }
    const transfers = new TransferLoad({
      ...shared,
      draws: new Draws(seed, 'transfers'),
      rate,
      crossShard: CROSS_SHARD,
    })
    return {
      client,
      transfers,
      cells: new CellLoad({ ...shared, draws: new Draws(seed, 'cells') }),
    }
  }

  /** Before the first fault every shard has some blocks. */
  #begun(testnet: TestnetUnderChaos, shard: number): Promise<void> {
    let height = 0
    const hasBegun = async (): Promise<boolean> => {
      height = await testnet.heightOf(shard)
      return height >= FIRST_HEIGHT
    }
    return testnet.until(`first blocks of shard ${shard}`, hasBegun, () => `(height ${height})`)
  }

  /** One lane of steps per shard, until the time is over and the run counts. */
  async #breakThings(testnet: TestnetUnderChaos, client: LedgerClient): Promise<void> {
    const copies = join(this.#folder, 'copies')
    mkdirSync(copies)
    const ends = new EndWatch(testnet)
    const tools = { testnet, disks: this.#disks, ends, copies }
    const lanes = Array.from({ length: SHARDS }, (_, shard) => this.#lane(shard, tools, client))
    const outcomes = await Promise.allSettled(
      lanes.map((lane) => lane.finally(() => (this.#isEnding = true))),
    )
    ends.close()
    this.#violations.push(...ends.unexpected)
    for (const outcome of outcomes) if (outcome.status === 'rejected') this.#note(outcome.reason)
  }

  /** What went wrong in a step is a violation; anything else is our own mistake and goes on as it is. */
  #note(reason: unknown): void {
    if (reason instanceof BrokenPromise || reason instanceof StuckError)
      this.#violations.push(reason.message)
    else throw reason
  }

  async #lane(shard: number, tools: StepTools, client: LedgerClient): Promise<void> {
    for (const step of stepsOf(this.#given.seed, shard, VALIDATORS)) {
      if (this.#isEnding || this.#isOver(client)) return
      if (step.fault === 'killAll') await this.#gate.exclusive(() => this.#play(step, tools))
      else await this.#gate.shared(() => this.#play(step, tools))
    }
  }

  #isOver(client: LedgerClient): boolean {
    this.#signal.throwIfAborted()
    const { lengthMs } = this.#given
    const elapsedMs = performance.now() - this.#startedMs
    if (this.#violations.length > 0 || elapsedMs >= lengthMs + OVERTIME_MS_MAX) return true
    if (elapsedMs < lengthMs) return false
    const missing = missingOf(this.#fired, client.acknowledged, requirementsOf(lengthMs))
    // What this machine cannot do is not waited for.
    return missing.every((line) => this.#disks === null && line.startsWith('fillDisk'))
  }

  async #play(step: Step, tools: StepTools): Promise<void> {
    const atMs = Math.round(performance.now() - this.#startedMs)
    const time = `${(atMs / 1_000).toFixed(1).padStart(7)} s`
    try {
      const { victims, ...outcome } = await playStep(step, tools)
      if (outcome.hasFired) this.#fired[step.fault]++
      const played = {
        atMs,
        shard: step.shard,
        fault: step.fault,
        victims: victims.map(nameOf),
        ...outcome,
      }
      this.#steps.push(played)
      this.#say(
        `${time}  ${step.fault} ${played.victims.join(' ')}: ${outcome.seen}${timesText(played)}`,
      )
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      this.#say(`${time}  ${step.fault} in shard ${step.shard}: ${said}`)
      this.#note(error)
    }
  }

  /** Ends every fault and the sending; waits until everybody is in sync and everything that was acknowledged is committed. */
  async #comeToRest(testnet: TestnetUnderChaos, load: Load): Promise<void> {
    this.#say('Letting everything come to rest')
    const { client, transfers, cells } = load
    transfers.stop()
    cells.stop()
    await testnet.clear(null)
    try {
      const left = (): string => `(${client.underWay} are not)`
      const isAll = (): Promise<boolean> => Promise.resolve(client.underWay === 0)
      await testnet.until('everything acknowledged is committed', isAll, left)
      const { validators } = await testnet.status()
      for (const seat of validators) await testnet.untilInSync(seat)
      await this.#untilCredited(testnet)
      for (const seat of validators) await testnet.untilInSync(seat)
    } catch (error) {
      this.#note(error)
    }
  }

  /** Messages between the shards have arrived when both have made some more blocks without any in flight. */
  async #untilCredited(testnet: TestnetUnderChaos): Promise<void> {
    await testnet.until(`no message is in flight, within ${WAIT_MS_MAX / 1_000} s`, async () => {
      const { validators } = await testnet.status()
      const inFlight = await Promise.all(validators.map((each) => testnet.inFlight(each)))
      return inFlight.every((count) => count === 0)
    })
  }
}

function timesText({ nextBlockMs, inSyncMs, firstCommitMs }: PlayedStep): string {
  const parts = [
    nextBlockMs === undefined ? [] : [`next block ${Math.round(nextBlockMs)} ms`],
    inSyncMs === undefined ? [] : [`in sync ${Math.round(inSyncMs)} ms`],
    firstCommitMs === undefined ? [] : [`first commits ${Math.round(firstCommitMs)} ms`],
  ].flat()
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function document(): Testnet {
  return Testnet.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Testnet',
    metadata: { name: 'chaos' },
    spec: {
      shards: SHARDS,
      validatorsPerShard: VALIDATORS,
      genesis: { accountsPerShard: ACCOUNTS_PER_SHARD },
    },
  })
}
