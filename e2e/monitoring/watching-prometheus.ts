import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alertRuleFile, alerts, recordingGroups, recordingRuleFile } from '@shardnet/dashboards'
import { findFreePorts } from '@shardnet/operator/ports'
import { stringify } from 'yaml'
import { Processes } from '../cluster/process/processes.ts'
import { waitUntil } from '../cluster/process/wait-until.ts'
import { PrometheusClient } from './prometheus-client.ts'
import { prometheusProgram } from './prometheus-programs.ts'
import { shortPace, shortWindows } from './short-pace.ts'

const SCRAPE_EVERY = '2s'
const STARTS_MAX_MS = 60_000

export interface Watch {
  /** Its files, data and log. */
  readonly folder: string
  /** For each job the file in which its targets stand, now or later. */
  readonly targets: Readonly<Record<string, string>>
  /** A rule file beside the generated ones. */
  readonly givenRules?: string
}

/** A real Prometheus that looks every two seconds, with the generated rules at the short pace. */
export class WatchingPrometheus {
  readonly client: PrometheusClient
  readonly #processes: Processes

  private constructor(client: PrometheusClient, processes: Processes) {
    this.client = client
    this.#processes = processes
  }

  static async start(watch: Watch): Promise<WatchingPrometheus> {
    const { folder } = watch
    const program = await prometheusProgram('prometheus')
    await mkdir(folder, { recursive: true })
    await writeRules(watch)
    const config = join(folder, 'prometheus.yml')
    await writeFile(config, configOf(watch))
    const [port = 0] = await findFreePorts(1, folder, new Set())
    const processes = new Processes(folder)
    processes.start('prometheus', [
      program,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ])
    const client = new PrometheusClient(`http://127.0.0.1:${port}`)
    const started = new WatchingPrometheus(client, processes)
    try {
      await waitUntil('Prometheus', STARTS_MAX_MS, async () => {
        await processes.mustRun('prometheus')
        return client.isReady()
      })
      return started
    } catch (error) {
      await started.stop()
      throw error
    }
  }

  stop(): Promise<void> {
    return this.#processes.stopAll()
  }
}

async function writeRules({ folder, givenRules }: Watch): Promise<void> {
  const files = {
    'recording.rules.yaml': recordingRuleFile(recordingGroups(shortWindows)),
    'alerts.rules.yaml': alertRuleFile(alerts(shortPace)),
    ...(givenRules === undefined ? {} : { 'given.rules.yaml': givenRules }),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
}

function configOf({ folder, targets }: Watch): string {
  return stringify({
    global: {
      scrape_interval: SCRAPE_EVERY,
      scrape_timeout: SCRAPE_EVERY,
      evaluation_interval: SCRAPE_EVERY,
    },
    rule_files: [join(folder, '*.rules.yaml')],
    scrape_configs: Object.entries(targets).map(([job, file]) => ({
      job_name: job,
      honor_labels: true,
      file_sd_configs: [{ files: [file], refresh_interval: SCRAPE_EVERY }],
    })),
  })
}
