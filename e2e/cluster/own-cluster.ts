import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiClient } from './api/api-client.ts'
import { kubeconfigText } from './api/kubeconfig.ts'
import { ensureTools } from './build/build-tools.ts'
import { kubernetesTools } from './build/tool-set.ts'
import { clustersFolder } from './clusters-folder.ts'
import { Cluster, newFolder, takeDown } from './cluster.ts'
import { E2eError } from './e2e-error.ts'
import { capture } from './process/capture.ts'
import { removeLeftOvers } from './process/left-overs.ts'
import { takeDownNodes } from './real-nodes/take-down.ts'

const TOKEN_LASTS = '4h'
const KINDS = ['testnets', 'shards', 'loadtests', 'faults', 'clusters'].map(
  (plural) => `${plural}.shardnet.dev`,
)

/** A namespace in the user's own cluster, with an administrator of its own; all of it goes with `close`. */
export interface OwnCluster {
  readonly cluster: Cluster
  readonly namespace: string
  readonly close: () => Promise<void>
}

interface Config {
  readonly clusters: readonly {
    readonly cluster: {
      readonly server: string
      readonly 'certificate-authority-data'?: string
    }
  }[]
}

/**
 * The cluster of a kubeconfig's current context. Whatever the user's credentials are, the suites go on with a token:
 * the user makes a service account that may do everything, which is removed in the end.
 * @throws {E2eError} in the words of kubectl where that does not work.
 */
export async function openOwnCluster(kubeconfig: string): Promise<OwnCluster> {
  const tools = await ensureTools(kubernetesTools, (line) => void process.stderr.write(`${line}\n`))
  await removeLeftOvers(clustersFolder(), takeDownNodes)
  const env = { ...process.env, KUBECONFIG: kubeconfig }
  const kubectl = async (...words: readonly string[]): Promise<string> => {
    const { code, text } = await capture(join(tools, 'kubectl'), words, { env })
    if (code === 0) return text
    throw new E2eError(`kubectl ${words.join(' ')}, with your kubeconfig: ${text.trim()}`)
  }
  const name = `shardnet-e2e-${randomBytes(3).toString('hex')}`
  const hadKinds =
    (await kubectl('get', 'crd', 'testnets.shardnet.dev', '--ignore-not-found')) !== ''
  const processes = await newFolder('own')
  const close = async (): Promise<void> => {
    await kubectl('delete', 'namespace', name, '--ignore-not-found', '--timeout=5m')
    await kubectl('delete', 'clusterrolebinding', name, '--ignore-not-found')
    await takeDown(processes)
  }
  try {
    await kubectl('create', 'namespace', name)
    await kubectl('create', 'serviceaccount', name, '-n', name)
    const binding = ['--clusterrole=cluster-admin', `--serviceaccount=${name}:${name}`]
    await kubectl('create', 'clusterrolebinding', name, ...binding)
    const words = ['create', 'token', name, '-n', name, `--duration=${TOKEN_LASTS}`]
    const token = (await kubectl(...words)).trim()
    const access = { ...(await serverOf(kubectl)), token }
    const file = join(processes.folder, 'kubeconfig')
    await writeFile(file, kubeconfigText(name, access), { mode: 0o600 })
    const reach = { name, kubeconfig: file, access, api: new ApiClient(access) }
    const cluster = new Cluster(tools, processes, reach)
    return {
      cluster,
      namespace: name,
      close: async () => {
        if (!hadKinds) {
          await cluster.run('helm', ['uninstall', 'shardnet-crds', '--wait'])
          // The chart keeps them, because testnets go with them: here nobody but the suite had any.
          await kubectl('delete', 'crd', ...KINDS)
        }
        cluster.api.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function serverOf(kubectl: (...words: readonly string[]) => Promise<string>) {
  const text = await kubectl('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json')
  const [found] = (JSON.parse(text) as Config).clusters
  const data = found?.cluster['certificate-authority-data']
  if (found === undefined || data === undefined)
    throw new E2eError('Your kubeconfig names no cluster whose certificate can be checked.')
  return {
    url: found.cluster.server.replace(/\/+$/, ''),
    certificateAuthority: Buffer.from(data, 'base64').toString('utf8'),
  }
}
