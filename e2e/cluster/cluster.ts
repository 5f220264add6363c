import { claimFolder, releaseClaim } from '@shardnet/operator/claim'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiAccess, ApiClient } from './api/api-client.ts'
import { storageClassPath } from './api/paths.ts'
import { ensureTools } from './build/build-tools.ts'
import { kubernetesTools } from './build/tool-set.ts'
import { clustersFolder } from './clusters-folder.ts'
import { ControlPlane, startControlPlane } from './control-plane/control-plane.ts'
import type { Proportions } from './control-plane/flags.ts'
import { E2eError } from './e2e-error.ts'
import {
  addFakeNodes,
  type FakeNodes,
  fakeStorageClass,
  startFakeKubelet,
} from './fake-nodes/fake-nodes.ts'
import { type Captured, capture } from './process/capture.ts'
import { PAUSE_IMAGE } from './real-nodes/node-files.ts'
import { RealNodes } from './real-nodes/real-nodes.ts'
import { takeDownNodes } from './real-nodes/take-down.ts'
import { buildProgramImage } from '../image/image-archive.ts'
import { removeLeftOvers } from './process/left-overs.ts'
import { Processes } from './process/processes.ts'

export interface ClusterOptions {
  /** Lower-case letters, digits and dashes; several clusters of one name may run at once. */
  readonly name: string
  readonly fakeNodes?: Partial<FakeNodes>
  /** Needs root and the system's containerd; see `missingForRealPods`. */
  readonly realNodes?: {
    readonly count: number
    /** Image archives that every node holds from the start, the pause image excepted. */
    readonly images: readonly string[]
    /** Further names of images. */
    readonly aliases?: Readonly<Record<string, string>>
  }
  readonly proportions?: Proportions
  /** Lines for people: what takes its time. */
  readonly say?: (line: string) => void
}

/** How a cluster is reached as its administrator. */
export interface Reach {
  readonly name: string
  readonly kubeconfig: string
  readonly access: ApiAccess
  readonly api: ApiClient
}

/** A Kubernetes cluster, of this machine or the user's own. What it started, and nothing else, ends with `stop`. */
export class Cluster {
  readonly name: string
  readonly tools: string
  readonly folder: string
  readonly processes: Processes
  readonly nodes: RealNodes | null
  readonly #reach: Reach

  constructor(tools: string, processes: Processes, reach: Reach, nodes: RealNodes | null = null) {
    this.name = reach.name
    this.tools = tools
    this.folder = processes.folder
    this.processes = processes
    this.#reach = reach
    this.nodes = nodes
  }

  get api(): ApiClient {
    return this.#reach.api
  }

  get access(): ApiAccess {
    return this.#reach.access
  }

  get kubeconfig(): string {
    return this.#reach.kubeconfig
  }

  /** @throws {E2eError} for a cluster of the user's own, whose programs are not ours to stop. */
  get controlPlane(): ControlPlane {
    if (this.#reach instanceof ControlPlane) return this.#reach
    throw new E2eError(`${this.name} is not a cluster of ours`)
  }

  /** Runs `kubectl` or `helm` as the administrator. */
  run(program: 'kubectl' | 'helm', words: readonly string[], input?: string): Promise<Captured> {
    return capture(join(this.tools, program), words, {
      env: this.environment(),
      ...(input === undefined ? {} : { input }),
    })
  }

  /** Like `run`. @throws {E2eError} with what the program said when it fails. */
  async mustRun(
    program: 'kubectl' | 'helm',
    words: readonly string[],
    input?: string,
  ): Promise<string> {
    const { code, text } = await this.run(program, words, input)
    if (code === 0) return text
    throw new E2eError(`${program} ${words.join(' ')} failed (exit code ${code}):\n${text}`)
  }

  /** Nothing of the user's own configuration reaches the programs. */
  environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      KUBECONFIG: this.kubeconfig,
      HELM_CACHE_HOME: join(this.folder, 'helm'),
      HELM_CONFIG_HOME: join(this.folder, 'helm'),
      HELM_DATA_HOME: join(this.folder, 'helm'),
    }
  }

  async stop(): Promise<void> {
    this.api.close()
    await takeDown(this.processes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

const STARTS_MAX = 4
let started = 0

/** Builds what is missing, removes what a killed run left, and brings a cluster up. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const tools = await ensureTools(kubernetesTools, options.say ?? (() => {}))
  await removeLeftOvers(clustersFolder(), takeDownNodes)
  for (let tries = 1; ; tries++) {
    const processes = await newFolder(options.name)
    try {
      return await bringUp(options, tools, processes)
    } catch (error) {
      await takeDown(processes)
      // A port that was free a moment ago went to somebody else's test.
      const isUnlucky = error instanceof E2eError && /address already in use/.test(error.message)
      if (!isUnlucky || tries === STARTS_MAX) throw error
    }
  }
}

export async function newFolder(name: string): Promise<Processes> {
  const folder = join(clustersFolder(), `${name}-${process.pid}-${started++}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  claimFolder(folder)
  return new Processes(folder)
}

async function bringUp(
  { name, fakeNodes, realNodes, proportions = {} }: ClusterOptions,
  tools: string,
  processes: Processes,
): Promise<Cluster> {
  const nodes = realNodes === undefined ? null : new RealNodes(realNodes.count, processes)
  await nodes?.prepare()
  const pause = join(processes.folder, 'pause.tar')
  if (nodes !== null) await buildProgramImage(PAUSE_IMAGE, join(tools, 'pause'), pause)
  const users = nodes?.users ?? []
  const egress = nodes?.egress ?? null
  const controlPlane = await startControlPlane({
    name,
    tools,
    processes,
    egress,
    users,
    proportions,
  })
  const { images = [], aliases = {} } = realNodes ?? {}
  await nodes?.join(tools, controlPlane, { archives: [pause, ...images], aliases })
  if (fakeNodes !== undefined) {
    startFakeKubelet(tools, processes, controlPlane)
    if (nodes === null && controlPlane.bindsVolumes)
      await controlPlane.api.apply(storageClassPath(fakeStorageClass), fakeStorageClass)
    await addFakeNodes(controlPlane.api, { count: 3, zones: 3, podsPerNode: 110, ...fakeNodes })
  }
  return new Cluster(tools, processes, controlPlane, nodes)
}

export async function takeDown(processes: Processes): Promise<void> {
  await processes.stopAll()
  await takeDownNodes(processes.folder)
  releaseClaim(processes.folder)
  await rm(processes.folder, { recursive: true, force: true })
}
