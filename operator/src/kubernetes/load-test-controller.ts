import {
  arrivalsOf,
  LoadResult,
  peakRate,
  type ResultMark,
  withMarks,
} from '@shardnet/load-generator'
import { resultOfLog } from '@shardnet/load-generator/pod'
import { API_VERSION } from '../api/field.ts'
import { documentOf, problemsOfObject, statusOf } from '../api/cluster-object.ts'
import type { LoadTest } from '../api/load-test.ts'
import { FaultStatus, LoadTestStatus, TestnetStatus } from '../api/testnet-status.ts'
import type { KubernetesObject, OwnerReference } from '../objects/kubernetes-object.ts'
import { LABEL } from '../objects/labels.ts'
import { loadJobName, loadObjects } from '../objects/load-job.ts'
import { resultConfigMap, resultName } from '../objects/result-config-map.ts'
import { endOfLoad, failedGenerators } from '../plan/generator-end.ts'
import { markOfFault } from '../plan/fault-mark.ts'
import { mergeConditions, momentText, newsAmong, type Statement } from '../plan/conditions.ts'
import {
  figuresOfResult,
  type LoadTestStep,
  type ObservedJob,
  planLoadTest,
} from '../plan/load-test-plan.ts'
import { networkPlanOf } from '../plan/network-plan.ts'
import { isApiError } from './api-error.ts'
import type { ClusterSession } from './cluster-session.ts'
import type { EventRecorder } from './event-recorder.ts'
import type { KindInformers } from './kind-informers.ts'
import { logOfLoad, podsOfLoad } from './load-pods.ts'
import { objectPath, RESOURCES } from './resource.ts'
import type { Writer } from './writer.ts'

export interface LoadTestControllerOptions {
  readonly session: ClusterSession
  readonly loadTests: KindInformers
  readonly testnets: KindInformers
  readonly jobs: KindInformers
  readonly events: EventRecorder
  readonly defaultImage: string
}

const MANAGER = 'shardnet-load-test'
const LOOK_MS = 10_000

/** Runs load tests: a Job each, its result kept beside the LoadTest when the pods are gone. */
export class LoadTestController {
  readonly #options: LoadTestControllerOptions
  readonly #writer: Writer

  constructor(options: LoadTestControllerOptions) {
    this.#options = options
    this.#writer = options.session.writer(MANAGER)
  }

  async reconcile(key: string): Promise<number | null> {
    const { loadTests, testnets, jobs } = this.#options
    const object = loadTests.get(key)
    const loadTest = object === undefined ? null : documentOf(object)
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return null
    const status: LoadTestStatus = statusOf(LoadTestStatus, object)
    if (loadTest?.kind !== 'LoadTest') return this.#refuse(object, status)
    const { namespace = '', name } = object.metadata
    const testnet = testnets.get(`${namespace}/${loadTest.spec.testnet}`)
    const job = jobs.get(`${namespace}/${loadJobName(name)}`)
    const step = planLoadTest({
      status,
      testnet: testnet === undefined ? null : testnetOf(testnet),
      job: job === undefined ? null : jobOf(job),
    })
    return this.#take(step, { object, loadTest, status, testnet })
  }

  /** What no rule of the kind says and the load generator would refuse, such as a field of another profile. */
  async #refuse(object: KubernetesObject, status: LoadTestStatus): Promise<null> {
    if (status.verdict !== undefined) return null
    const message = problemsOfObject(object).join('; ')
    const said: Statement = { type: 'Succeeded', status: 'False', reason: 'Invalid', message }
    const ended: LoadTestStatus = { ...status, verdict: 'Error', message: message.slice(0, 1_000) }
    await this.#tell({ object, status }, ended, said)
    return null
  }

  async #take(step: LoadTestStep, test: RunningTest): Promise<number | null> {
    switch (step.kind) {
      case 'done':
        return null
      case 'wait':
        await this.#tell(test, test.status, unknown('Waiting', step.why))
        return LOOK_MS
      case 'start':
        return this.#start(test)
      case 'begin':
        return this.#begin(test)
      case 'watch':
        return LOOK_MS
      case 'ask':
        return this.#ask(test, step.failure)
      case 'collect':
        return this.#collect(test)
      case 'end':
        return this.#end(test, step)
    }
  }

  async #start(test: RunningTest): Promise<number | null> {
    const { object, loadTest, testnet } = test
    const desired = testnet === undefined ? null : documentOf(testnet)
    if (testnet === undefined || desired?.kind !== 'Testnet') return LOOK_MS
    const network = networkPlanOf(desired, testnetOf(testnet).generation)
    const image = desired.spec.image ?? this.#options.defaultImage
    const { generators } = loadTest.spec
    for (const each of loadObjects(loadTest, network, image, contextOf(object))) {
      const isJob = each.kind === 'Job'
      const written = await this.#writer.apply(each, isJob ? null : undefined)
      if (isJob) this.#options.jobs.note(written)
    }
    const rate = Math.round(peakRate(arrivalsOf(loadTest.spec.arrivals)))
    const started = { ...test.status, generators, rate }
    await this.#tell(test, started, unknown('Starting', 'The load generators are starting.'))
    return LOOK_MS
  }

  /** All generators have started the load together: the times of its faults count from here. */
  async #begin(test: RunningTest): Promise<number | null> {
    await this.#applyFaults(test)
    const begun = { ...test.status, startTime: momentText(Date.now()) }
    await this.#tell(test, begun, unknown('Running', 'The load is running.'))
    return LOOK_MS
  }

  /** Faults of a load test are Faults like others, which go with it. */
  async #applyFaults({ object, loadTest }: RunningTest): Promise<void> {
    const { namespace = '', name } = object.metadata
    for (const [index, fault] of loadTest.spec.faults.entries()) {
      await this.#writer.apply({
        apiVersion: API_VERSION,
        kind: 'Fault',
        metadata: {
          name: faultName(name, index),
          namespace,
          labels: { [LABEL.loadTest]: name, [LABEL.testnet]: loadTest.spec.testnet },
          ownerReferences: [ownerOf(object)],
        },
        spec: { testnet: loadTest.spec.testnet, ...fault },
      })
    }
  }

  async #collect(test: RunningTest): Promise<number | null> {
    const { object, status } = test
    const log = await logOfLoad(this.#options.session.client, object.metadata)
    const text = log === null ? null : resultOfLog(log)
    const parsed = text === null ? null : LoadResult.safeParse(JSON.parse(text))
    if (text === null || parsed?.success !== true) {
      const why = 'The load generator ended without a whole result in its log.'
      return this.#end(test, { kind: 'end', verdict: 'Error', why })
    }
    const result = withMarks(parsed.data, await this.#marks(test, parsed.data))
    const isKept = await this.#keep(test, result)
    const ended: LoadTestStatus = {
      ...status,
      ...figuresOfResult(result),
      startTime: status.startTime ?? momentText(Date.parse(result.startedAt)),
      completionTime: momentText(Date.now()),
      ...(isKept ? { result: resultName(object.metadata.name) } : {}),
    }
    const isPassed = ended.verdict === 'Passed'
    await this.#tell(test, ended, {
      type: 'Succeeded',
      status: isPassed ? 'True' : 'False',
      reason: ended.verdict ?? 'Unknown',
      message:
        ended.message === '' || ended.message === undefined
          ? 'All criteria are met.'
          : ended.message,
    })
    return null
  }

  /** Puts the result where it outlives the pods. One that is too large leaves its figures in the status. */
  async #keep({ object, loadTest }: RunningTest, result: LoadResult): Promise<boolean> {
    // The page's style and script are files of the clone: whoever fetches the result makes the page.
    const stored = { result: JSON.stringify(result), report: null }
    const { name } = object.metadata
    try {
      const map = resultConfigMap(name, loadTest.spec.testnet, stored, contextOf(object))
      await this.#writer.apply(map)
      return true
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const note = `${error.message}: it is only in the log of the load generator`
      await this.#options.events.tell(object, {
        type: 'Warning',
        reason: 'ResultTooLarge',
        action: 'Load',
        note,
      })
      return false
    }
  }

  /** What its faults did when, on the clock of the load. */
  async #marks({ object, loadTest }: RunningTest, result: LoadResult): Promise<ResultMark[]> {
    const { client } = this.#options.session
    const { namespace = '', name } = object.metadata
    const marks = loadTest.spec.faults.map(async (fault, index) => {
      const path = objectPath(RESOURCES.faults, { namespace, name: faultName(name, index) })
      try {
        const found = (await client.request({ verb: 'get', path })) as KubernetesObject
        return markOfFault(fault, statusOf(FaultStatus, found), Date.parse(result.startedAt))
      } catch (error) {
        if (isApiError(error, 404)) return null
        throw error
      }
    })
    return (await Promise.all(marks)).filter((mark) => mark !== null)
  }

  async #ask(test: RunningTest, failure: string): Promise<null> {
    const { generators } = test.loadTest.spec
    const pods = await podsOfLoad(this.#options.session.client, test.object.metadata)
    const end = endOfLoad(failedGenerators(pods), generators, failure)
    return this.#end(test, { kind: 'end', ...end })
  }

  async #end(test: RunningTest, step: Extract<LoadTestStep, { kind: 'end' }>): Promise<null> {
    const { namespace = '', name } = test.object.metadata
    const job = this.#options.jobs.get(`${namespace}/${loadJobName(name)}`)
    if (job !== undefined && step.verdict === 'Aborted') await this.#writer.remove(job)
    const ended = {
      ...test.status,
      verdict: step.verdict,
      message: step.why,
      completionTime: momentText(Date.now()),
    }
    await this.#tell(test, ended, {
      type: 'Succeeded',
      status: 'False',
      reason: step.verdict,
      message: step.why,
    })
    return null
  }

  async #tell(test: ToldTest, status: LoadTestStatus, said: Statement): Promise<void> {
    const { object } = test
    const { generation = 0 } = object.metadata
    const old = test.status.conditions ?? []
    const news = newsAmong(old, [said])
    if (news.length === 0 && status === test.status) return
    const conditions = [...mergeConditions(old, [said], generation, Date.now())]
    const after: LoadTestStatus = { ...status, observedGeneration: generation, conditions }
    this.#options.loadTests.note(await this.#writer.applyStatus(object, after))
    for (const { status: is, reason, message } of news) {
      const type = is === 'False' ? 'Warning' : 'Normal'
      await this.#options.events.tell(object, { type, reason, action: 'Load', note: message })
    }
  }
}

interface ToldTest {
  readonly object: KubernetesObject
  readonly status: LoadTestStatus
}

interface RunningTest extends ToldTest {
  readonly loadTest: LoadTest
  readonly testnet: KubernetesObject | undefined
}

function faultName(loadTest: string, index: number): string {
  return `${loadTest.slice(0, 24)}-fault-${index}`
}

function unknown(reason: string, message: string): Statement {
  return { type: 'Succeeded', status: 'Unknown', reason, message }
}

function contextOf(object: KubernetesObject) {
  return { namespace: object.metadata.namespace ?? '', owner: ownerOf(object) }
}

function ownerOf({ apiVersion, kind, metadata }: KubernetesObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }
}

function testnetOf(object: KubernetesObject) {
  const status = statusOf(TestnetStatus, object)
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  return {
    isReady: ready?.status === 'True' && status.observedGeneration === object.metadata.generation,
    generation: status.generation ?? 0,
  }
}

function jobOf(object: KubernetesObject): ObservedJob {
  const spec = (object['spec'] ?? {}) as { readonly completions?: number }
  const status = (object['status'] ?? {}) as {
    readonly ready?: number
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
  }
  const holds = (type: string) =>
    status.conditions?.find((each) => each.type === type && each.status === 'True')
  const failed = holds('Failed')
  return {
    generation: Number(object.metadata.labels?.[LABEL.generation] ?? 0),
    isUnderWay: (status.ready ?? 0) >= (spec.completions ?? 1),
    isComplete: holds('Complete') !== undefined,
    failure:
      failed === undefined ? null : `${failed.message ?? failed.reason ?? 'the Job failed'}.`,
  }
}
