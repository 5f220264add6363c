import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiClient } from '../api/api-client.ts'
import { readKubeconfig } from '../api/kubeconfig.ts'
import { CLAIMS, claimPlan, type Claim, type Volume, VOLUMES, volumePlan } from './volume-plan.ts'

const LOOK_EVERY_MS = 300

/**
 * `node volumes.ts KUBECONFIG FOLDER`: makes a folder for each claim that has a node, and removes it with its volume. Local
 * volumes, unlike those of the controller manager's own provisioner, are given to the group of the pod, as disks in a
 * cloud are; and all of it goes with the cluster's folder.
 */
const [kubeconfig = '', folder = ''] = process.argv.slice(2)
process.on('SIGTERM', () => process.exit(0))
const api = new ApiClient(readKubeconfig(await readFile(kubeconfig, 'utf8')))
for (;;) {
  try {
    await provision()
  } catch (error) {
    // The API server may be away, which is what some tests are about.
    console.error(error instanceof Error ? error.message : error)
  }
  await delay(LOOK_EVERY_MS)
}

async function provision(): Promise<void> {
  const claims = await listed<Claim>(CLAIMS)
  const volumes = await listed<Volume>(VOLUMES)
  for (const { name, path, body } of claimPlan(claims, volumes, folder)) {
    await mkdir(join(folder, name), { recursive: true })
    await chmod(join(folder, name), 0o770)
    await api.apply(path, body)
  }
  for (const { name, path } of volumePlan(volumes)) {
    await rm(join(folder, name), { recursive: true, force: true })
    await api.must({ method: 'DELETE', path })
  }
}

async function listed<T>(path: string): Promise<readonly T[]> {
  // From the API server's memory: a look costs next to nothing.
  const list = (await api.must({ path: `${path}?resourceVersion=0` })) as {
    readonly items: readonly T[]
  }
  return list.items
}
