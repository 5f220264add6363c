import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ValidatorStatus } from '@shardnet/operator/local'
import type { EndWatch } from './end-watch.ts'
import { flipInTheMiddle, keepLog, restoreLog, tearTail, truncateTail } from './log-surgery.ts'
import type { FaultClass, Step } from './schedule.ts'
import type { SmallDisks } from './small-disk.ts'
import {
  LogSince,
  nameOf,
  type Seat,
  StuckError,
  type TestnetUnderChaos,
} from './testnet-under-chaos.ts'

/** What steps work with. */
export interface StepTools {
  readonly testnet: TestnetUnderChaos
  /** Null where this machine does not let us mount. */
  readonly disks: SmallDisks | null
  readonly ends: EndWatch
  /** Folder for copies of logs. */
  readonly copies: string
}

/** What came of a step. */
export interface StepOutcome {
  /** Whom it hit. */
  readonly victims: readonly Seat[]
  /** Seen by its effect; a step that was ordered and had none does not count. */
  readonly hasFired: boolean
  /** What was seen, for people. */
  readonly seen: string
  /** Recovery, in milliseconds; what does not apply is left out. */
  readonly nextBlockMs?: number
  readonly inSyncMs?: number
  readonly firstCommitMs?: number
}

/** A validator did something else than it promises about its own log. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise'
}

type Play = (step: Step, tools: StepTools) => Promise<StepOutcome>

const SMALL_DISK_ROOM_BYTES = 512 * 1_048_576

/** How a validator ends by the faults that make it end itself: one sentence each. */
const SENTENCE_OF = {
  corruptMiddle: /damage and not a cut-off write|is not what was written/,
  fillDisk: /no space left|ENOSPC/i,
  failSync: /the disk did not confirm a write/,
} as const satisfies Partial<Record<FaultClass, RegExp>>

/** Plays one step to its end: the victim is in sync again, or this throws. */
export async function playStep(step: Step, tools: StepTools): Promise<StepOutcome> {
  const { fault } = step
  const sentence = fault in SENTENCE_OF ? SENTENCE_OF[fault as keyof typeof SENTENCE_OF] : null
  const release = sentence === null ? null : tools.ends.expect(victimOf(step), sentence)
  try {
    return await plays[fault](step, tools)
  } finally {
    release?.()
  }
}

const plays: Readonly<Record<FaultClass, Play>> = {
  kill: killOne,
  killProposer,
  killAll,
  pause,
  partition: (step, tools) => onLinks(step, tools, { action: 'partition' }),
  delay: (step, tools) => {
    const latency = `${20 + Math.round(step.draws[0] * 280)}ms`
    const jitter = `${1 + Math.round(step.draws[1] * 100)}ms`
    return onLinks(step, tools, { action: 'delay', latency, jitter })
  },
  loss: (step, tools) => {
    const share = `${(1 + step.draws[0] * 39).toFixed(1)}%`
    return onLinks(step, tools, { action: 'loss', share })
  },
  bandwidth: (step, tools) => {
    const bytesPerSecond = String(300 + Math.round(step.draws[0] * 4_000))
    return onLinks(step, tools, { action: 'bandwidth', bytesPerSecond })
  },
  tearTail: (step, tools) =>
    onLog(step, tools, (dataDirectory) => tearTail(dataDirectory, step.draws[0])),
  truncateTail: (step, tools) =>
    onLog(step, tools, (dataDirectory) => truncateTail(dataDirectory, step.draws[0])),
  corruptMiddle,
  fillDisk,
  failSync,
}

function victimOf({ shard, victim }: Step): Seat {
  return { shard, validator: victim }
}

function selectorOf({ shard, validator }: Seat) {
  return { shards: [shard], validators: [validator] }
}

async function killOne(step: Step, { testnet }: StepTools): Promise<StepOutcome> {
  const seat = victimOf(step)
  const before = await testnet.validator(seat)
  const startedMs = performance.now()
  await testnet.put({ action: 'kill', selector: selectorOf(seat) })
  return afterDeath(testnet, seat, before, startedMs)
}

async function killProposer({ shard }: Step, { testnet }: StepTools): Promise<StepOutcome> {
  const before = await testnet.status()
  const heightBefore = await testnet.heightOf(shard)
  const startedMs = performance.now()
  const selector = { shards: [shard], role: 'Proposer' }
  const { id } = await testnet.put({ action: 'kill', selector })
  await testnet.until(
    'the proposer is hit',
    async () => (await testnet.fault(id)).targets.length > 0,
  )
  const { targets } = await testnet.fault(id)
  const victim = before.validators.find(({ name }) => targets.includes(name))
  if (victim === undefined) throw new StuckError(`no proposer of shard ${shard}`)
  let nextBlockMs = 0
  await testnet.until(`a block of shard ${shard} after ${heightBefore}`, async () => {
    nextBlockMs = performance.now() - startedMs
    return (await testnet.heightOf(shard)) > heightBefore
  })
  return { ...(await afterDeath(testnet, victim, victim, startedMs)), nextBlockMs }
}

async function afterDeath(
  testnet: TestnetUnderChaos,
  { shard, validator }: Seat,
  before: ValidatorStatus,
  startedMs: number,
): Promise<StepOutcome> {
  const seat = { shard, validator }
  await testnet.until(`${nameOf(seat)} is another process`, async () => {
    const { pid } = await testnet.validator(seat)
    return pid !== null && pid !== before.pid
  })
  await testnet.untilInSync(seat)
  const inSyncMs = performance.now() - startedMs
  return { victims: [seat], hasFired: true, seen: 'another process', inSyncMs }
}

async function killAll(_step: Step, { testnet }: StepTools): Promise<StepOutcome> {
  const before = await testnet.status()
  const shards = [...new Set(before.validators.map(({ shard }) => shard))]
  const heights = await Promise.all(shards.map((shard) => testnet.heightOf(shard)))
  const startedMs = performance.now()
  await testnet.put({ action: 'kill' })
  await testnet.until('all are other processes', async () => {
    const { validators } = await testnet.status()
    return validators.every(({ pid }, at) => pid !== null && pid !== before.validators[at]?.pid)
  })
  let firstCommitMs = 0
  await testnet.until('every shard commits', async () => {
    firstCommitMs = performance.now() - startedMs
    const now = await Promise.all(shards.map((shard) => testnet.heightOf(shard)))
    return now.every((height, at) => height > (heights[at] ?? 0))
  })
  for (const seat of before.validators) await testnet.untilInSync(seat)
  return { victims: before.validators, hasFired: true, seen: 'all new processes', firstCommitMs }
}

async function pause(step: Step, { testnet }: StepTools): Promise<StepOutcome> {
  const seat = victimOf(step)
  const { id } = await testnet.put({
    action: 'pause',
    for: `${step.lengthMs}ms`,
    selector: selectorOf(seat),
  })
  await testnet.until('the pause is over', async () => (await testnet.fault(id)).endedAtMs !== null)
  const { state, targets } = await testnet.fault(id)
  const startedMs = performance.now()
  await testnet.untilInSync(seat)
  return {
    victims: [seat],
    hasFired: state === 'over' && targets.length === 1,
    seen: `stood still for ${step.lengthMs} ms`,
    inSyncMs: performance.now() - startedMs,
  }
}

async function onLinks(
  step: Step,
  { testnet }: StepTools,
  fault: Readonly<Record<string, string>>,
): Promise<StepOutcome> {
  const seat = victimOf(step)
  const framesBefore = await testnet.shapedFrames(seat)
  const { id } = await testnet.put({
    ...fault,
    for: `${step.lengthMs}ms`,
    selector: selectorOf(seat),
  })
  await testnet.until('the fault is over', async () => (await testnet.fault(id)).endedAtMs !== null)
  const startedMs = performance.now()
  await testnet.untilInSync(seat)
  const frames = (await testnet.shapedFrames(seat)) - framesBefore
  return {
    victims: [seat],
    hasFired: frames > 0,
    seen: `${frames} frames shaped`,
    inSyncMs: performance.now() - startedMs,
  }
}

/** Damage at the end of a log: the validator has to drop exactly what is no whole group, and to go on. */
async function onLog(
  step: Step,
  { testnet }: StepTools,
  damage: (dataDirectory: string) => number,
): Promise<StepOutcome> {
  const seat = victimOf(step)
  const { dataDirectory, logFile } = await testnet.validator(seat)
  const release = await testnet.hold(seat)
  const log = new LogSince(logFile)
  const bytes = damage(dataDirectory)
  const startedMs = performance.now()
  await release()
  await testnet.untilInSync(seat)
  const inSyncMs = performance.now() - startedMs
  const told = /"bytes":(\d+),"msg":"dropped a cut-off write/.exec(log.text())
  if (Number(told?.[1]) !== bytes) {
    const said = told === null ? 'dropped nothing' : `dropped ${told[1]} bytes`
    throw new BrokenPromise(`${nameOf(seat)}: ${bytes} bytes were cut off, it ${said}`)
  }
  return { victims: [seat], hasFired: true, seen: `${bytes} bytes dropped`, inSyncMs }
}

/** Damage in the middle: the validator has to refuse to run, and to say why. Then its log is put back from a copy. */
async function corruptMiddle(step: Step, { testnet, copies }: StepTools): Promise<StepOutcome> {
  const seat = victimOf(step)
  const { dataDirectory } = await testnet.validator(seat)
  const release = await testnet.hold(seat)
  const copy = join(copies, `${seat.shard}-${seat.validator}`)
  keepLog(dataDirectory, copy)
  const at = flipInTheMiddle(dataDirectory, step.draws)
  await endsSaying(testnet, seat, release, SENTENCE_OF.corruptMiddle)
  const releaseRestored = await testnet.hold(seat)
  restoreLog(dataDirectory, copy)
  const startedMs = performance.now()
  await releaseRestored()
  await testnet.untilInSync(seat)
  return {
    victims: [seat],
    hasFired: true,
    seen: `refused to start on a flipped bit at byte ${at}`,
    inSyncMs: performance.now() - startedMs,
  }
}

async function fillDisk(step: Step, { testnet, disks }: StepTools): Promise<StepOutcome> {
  const seat = victimOf(step)
  if (disks === null) return { victims: [], hasFired: false, seen: 'no disk of its own here' }
  const { dataDirectory } = await testnet.validator(seat)
  const release = await testnet.hold(seat)
  disks.mount(dataDirectory, SMALL_DISK_ROOM_BYTES)
  await release()
  await testnet.untilInSync(seat)
  disks.fill(dataDirectory)
  try {
    await endsSaying(testnet, seat, async () => undefined, SENTENCE_OF.fillDisk)
  } finally {
    disks.clear(dataDirectory)
  }
  const startedMs = performance.now()
  await testnet.untilInSync(seat)
  const inSyncMs = performance.now() - startedMs
  return { victims: [seat], hasFired: true, seen: 'stopped on a full disk', inSyncMs }
}

async function failSync(step: Step, { testnet }: StepTools): Promise<StepOutcome> {
  const seat = victimOf(step)
  const { dataDirectory } = await testnet.validator(seat)
  const order = join(dirname(dataDirectory), 'fail-sync')
  try {
    const fail = async () => writeFileSync(order, '')
    await endsSaying(testnet, seat, fail, SENTENCE_OF.failSync)
  } finally {
    if (existsSync(order)) rmSync(order)
  }
  const startedMs = performance.now()
  await testnet.untilInSync(seat)
  const inSyncMs = performance.now() - startedMs
  return { victims: [seat], hasFired: true, seen: 'stopped on a failed fsync', inSyncMs }
}

/** Does something that must end a validator, and waits until it ended with the sentence that says so. */
async function endsSaying(
  testnet: TestnetUnderChaos,
  seat: Seat,
  cause: () => Promise<void>,
  sentence: RegExp,
): Promise<void> {
  const { restarts } = await testnet.validator(seat)
  await cause()
  let last: string | null = null
  await testnet.until(`${nameOf(seat)} ends by itself`, async () => {
    const now = await testnet.validator(seat)
    last = now.lastEnd
    return now.restarts > restarts
  })
  if (!sentence.test(last ?? ''))
    throw new BrokenPromise(`${nameOf(seat)} ended with ${JSON.stringify(last)}, not ${sentence}`)
}
