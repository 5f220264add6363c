import { join } from 'node:path'
import { ensureTools } from '../cluster/build/build-tools.ts'
import { prometheusTools } from '../cluster/build/tool-set.ts'

/**
 * Path of a program of Prometheus: from the folder that `SHARDNET_PROMETHEUS_FOLDER` names, else built from the pinned module into the
 * user's cache.
 */
export async function prometheusProgram(name: 'prometheus' | 'promtool'): Promise<string> {
  const named = process.env['SHARDNET_PROMETHEUS_FOLDER']
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  return join(named ?? (await ensureTools(prometheusTools, say)), name)
}
