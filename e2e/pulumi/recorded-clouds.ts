import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'

/** The test's side of `infra/test/engine/recorded-cloud.ts`: both look at one folder. Places are `type::name`. */
export class RecordedClouds {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** An API server that stands in for the one that a cloud would make under this name, reached as that cloud's kubeconfigs say. */
  async standIn(clusters: Readonly<Record<string, Cluster>>): Promise<void> {
    const entries = Object.entries(clusters).map(async ([name, { controlPlane }]) => {
      const { url, certificateAuthority } = controlPlane.access
      const kubeconfig = await readFile(controlPlane.kubeconfig, 'utf8')
      return [name, { address: new URL(url).host, authority: certificateAuthority, kubeconfig }]
    })
    await this.#write('clusters.json', Object.fromEntries(await Promise.all(entries)))
    for (const [name, { controlPlane }] of Object.entries(clusters))
      // What `aws eks get-token` and `gke-gcloud-auth-plugin` print.
      await this.#write(`${name.split('-')[0]}-token.json`, {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        kind: 'ExecCredential',
        status: { token: controlPlane.access.token },
      })
  }

  /** Calls that changed something, since the beginning. */
  async calls(): Promise<readonly string[]> {
    const path = join(this.#folder, 'calls')
    return existsSync(path) ? (await readFile(path, 'utf8')).trim().split('\n') : []
  }

  async failOnce(verb: 'create' | 'delete', place: string): Promise<void> {
    await this.#write('fail-once.json', { verb, place })
  }

  /** As if somebody had deleted it by hand. */
  async vanish(place: string): Promise<void> {
    await rm(join(this.#resources, `${encodeURIComponent(place)}.json`))
  }

  /** Places of what is there. */
  async left(): Promise<readonly string[]> {
    const names = await readdir(this.#resources)
    return names.map((name) => decodeURIComponent(name.replace(/\.json$/, '')))
  }

  get #resources(): string {
    return join(this.#folder, 'resources')
  }

  async #write(name: string, value: unknown): Promise<void> {
    await writeFile(join(this.#folder, name), JSON.stringify(value))
  }
}
