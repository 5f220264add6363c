import { once } from 'node:events'
import { copyFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Cluster, startCluster } from './cluster.ts'
import { E2eError } from './e2e-error.ts'

const USAGE = `usage: node e2e/cluster/main.ts [--name NAME] [--fake-nodes N] [--clusters N] [--kubeconfig FILE]

Brings one cluster up, or several beside each other, and keeps them until Ctrl-C. Prints where their kubeconfigs and
their programs (kubectl, helm) are. Nothing is left when it ends.
`

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'shardnet' },
    'fake-nodes': { type: 'string', default: '0' },
    clusters: { type: 'string', default: '1' },
    kubeconfig: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** Runs until it is asked to stop. */
async function keep(): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const count = Number(values['fake-nodes'])
  const clusters: Cluster[] = []
  try {
    for (let index = 0; index < Number(values.clusters); index++) {
      const name = index === 0 ? values.name : `${values.name}-${index}`
      const fakeNodes = count > 0 ? { fakeNodes: { count } } : {}
      const cluster = await startCluster({ name, say, ...fakeNodes })
      clusters.push(cluster)
      const kubeconfig = index === 0 ? values.kubeconfig : undefined
      if (kubeconfig !== undefined) await copyFile(cluster.kubeconfig, resolve(kubeconfig))
      console.log(`${name}: export KUBECONFIG=${kubeconfig ?? cluster.kubeconfig}`)
      console.log(`${name}: export PATH=${cluster.tools}:$PATH`)
      console.log(`${name}: logs are in ${cluster.folder}/logs`)
    }
    console.log('ready')
    await stopped
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.stop()))
  }
}

try {
  if (values.help) process.stdout.write(USAGE)
  else await keep()
} catch (error) {
  if (!(error instanceof E2eError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 3
}
