import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestnetStatus } from '@shardnet/operator/local'
import { stringify } from 'yaml'

/** Where the monitor of a testnet has its files. */
export function monitorFolderOf({ folder }: Pick<TestnetStatus, 'folder'>): string {
  return join(folder, 'monitor')
}

/** How often Prometheus looks, in its own notation. */
export interface MonitorPace {
  readonly scrape: string
  readonly evaluation: string
}

/** What people get. */
export const defaultMonitorPace: MonitorPace = { scrape: '5s', evaluation: '5s' }

/** Targets come from files beside this one, so that validators and load generators may come and go. */
export function prometheusConfig(rulesFolder: string, { scrape, evaluation }: MonitorPace): string {
  const job = (name: string, file: string) => ({
    job_name: name,
    honor_labels: true,
    file_sd_configs: [{ files: [`targets/${file}.json`], refresh_interval: '5s' }],
  })
  return stringify({
    global: { scrape_interval: scrape, scrape_timeout: scrape, evaluation_interval: evaluation },
    rule_files: [join(rulesFolder, 'recording-rules.yaml'), join(rulesFolder, 'alerts.yaml')],
    scrape_configs: [job('shardnet-validator', 'validators'), job('shardnet-load', 'load')],
  })
}

/** One target per validator, named as people name it: shard/seat. */
export function validatorTargets({
  name,
  validators,
}: Pick<TestnetStatus, 'name' | 'validators'>): string {
  return JSON.stringify(
    validators.map(({ shard, validator, httpAddress }) => ({
      targets: [httpAddress],
      labels: {
        cluster: 'local',
        testnet: name,
        shard: String(shard),
        instance: `${shard}/${validator}`,
      },
    })),
  )
}

/** Tells the testnet's Prometheus, if there is one, where the load generator is; returns what takes it back. */
export async function announceLoad(
  status: TestnetStatus,
  address: string,
): Promise<() => Promise<void>> {
  const targets = join(monitorFolderOf(status), 'targets')
  if (!existsSync(targets)) return () => Promise.resolve()
  const file = join(targets, 'load.json')
  const labels = { cluster: 'local', testnet: status.name, instance: 'load' }
  await writeFile(file, JSON.stringify([{ targets: [address], labels }]))
  return () => rm(file, { force: true })
}

/** Whether a Prometheus watches the testnet. */
export function isMonitored(status: Pick<TestnetStatus, 'folder'>): boolean {
  return existsSync(join(monitorFolderOf(status), 'targets'))
}
