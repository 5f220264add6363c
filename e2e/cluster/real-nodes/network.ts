import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { E2eError } from '../e2e-error.ts'
import { capture } from '../process/capture.ts'
import { lanCommands, lanNames, lanRoutes, nodeCommands, type RealNode } from './addresses.ts'

/**
 * Lays the network between nodes, in namespaces of its own: the machine's own gets no device, no route and no rule. The
 * names are written down first, for whoever has to clean up after us.
 */
export async function layNetwork(
  prefix: string,
  folder: string,
  nodes: readonly RealNode[],
): Promise<void> {
  const lan = lanNames(prefix)
  const namespaces = [lan.namespace, ...nodes.map(({ namespace }) => namespace)]
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'namespaces.json'), JSON.stringify(namespaces))
  for (const namespace of namespaces) await mustRun('ip', ['netns', 'add', namespace])
  await batch(lan.namespace, lanCommands(lan, nodes))
  for (const node of nodes) await batch(node.namespace, nodeCommands(node, nodes))
  await batch(lan.namespace, lanRoutes(nodes))
  for (const namespace of namespaces) {
    const switches = ['net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0']
    await mustRun('nsenter', [`--net=/run/netns/${namespace}`, 'sysctl', '-q', '-w', ...switches])
  }
}

async function batch(namespace: string, commands: readonly string[]): Promise<void> {
  await mustRun('ip', ['-n', namespace, '-batch', '-'], `${commands.join('\n')}\n`)
}

/** Runs a program of the system. @throws {E2eError} with what it said. */
export async function mustRun(
  program: string,
  words: readonly string[],
  input?: string,
): Promise<string> {
  const { code, text } = await capture(program, words, input === undefined ? {} : { input })
  if (code !== 0) throw new E2eError(`${program} ${words.join(' ')} failed: ${text.trim()}`)
  return text
}
