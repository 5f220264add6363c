import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import { makeProject, type PulumiProject } from './pulumi-project.ts'

/** API servers with fake nodes, on which charts' pods run at once, and a machine with Pulumi and infra/ on it. */
export class InfraStage {
  readonly folder: string
  readonly clusters: readonly Cluster[]
  readonly project: PulumiProject

  private constructor(folder: string, clusters: readonly Cluster[], project: PulumiProject) {
    this.folder = folder
    this.clusters = clusters
    this.project = project
  }

  static async set(names: readonly string[]): Promise<InfraStage> {
    const folder = await mkdtemp(join(tmpdir(), 'shardnet-infra-'))
    const clusters: Cluster[] = []
    try {
      const project = await makeProject(folder, (line) => void process.stderr.write(`${line}\n`))
      for (const name of names) clusters.push(await startCluster({ name, fakeNodes: { count: 3 } }))
      return new InfraStage(folder, clusters, project)
    } catch (error) {
      await takeDown(folder, clusters)
      throw error
    }
  }

  async stop(): Promise<void> {
    await takeDown(this.folder, this.clusters)
  }
}

async function takeDown(folder: string, clusters: readonly Cluster[]): Promise<void> {
  await Promise.all(clusters.map((cluster) => cluster.stop()))
  await rm(folder, { recursive: true, force: true })
}
