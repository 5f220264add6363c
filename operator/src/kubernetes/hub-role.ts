import type { NodePorts } from '../objects/network-policy.ts'
import { LABEL } from '../objects/labels.ts'
import { ClusterController } from './cluster-controller.ts'
import { OURS, type SessionOptions } from './cluster-session.ts'
import { controllerQueue } from './controller-queue.ts'
import { LoadTestController } from './load-test-controller.ts'
import type { HubCopies } from './hub-world.ts'
import { keyOf } from './informer.ts'
import type { KindInformers } from './kind-informers.ts'
import { MemberClusters } from './member-clusters.ts'
import { followNetworks } from './network-copies.ts'
import { RESOURCES } from './resource.ts'
import { Controlled, type Role, type RoleOptions } from './role.ts'
import { TestnetController } from './testnet-controller.ts'

export interface HubRoleOptions extends RoleOptions {
  readonly cacheFolder: string
  readonly nodePorts: NodePorts
  /** How sessions with other clusters are made. */
  readonly sessions: Omit<SessionOptions, 'access' | 'namespaces'>
}

const MANAGER = 'shardnet-hub'

/** The hub role: Testnets of this cluster, over all clusters that Cluster objects name. */
export class HubRole implements Role {
  readonly #members: MemberClusters
  readonly #testnets: Controlled
  readonly #clusters: Controlled
  readonly #loadTests: Controlled

  constructor(options: HubRoleOptions, shards: KindInformers) {
    const { session } = options
    const copies: HubCopies = {
      testnets: session.follow(RESOURCES.testnets),
      clusters: session.follow(RESOURCES.clusters),
    }
    const networks = followNetworks(session)
    this.#members = new MemberClusters({
      own: { session, shards, networks },
      session: options.sessions,
      onChange: (object) => this.#testnets.add(TestnetController.keyOf(object)),
      manager: MANAGER,
    })
    this.#testnets = this.#controlTestnets(options, copies)
    this.#clusters = this.#controlClusters(options, copies)
    this.#loadTests = controlLoadTests(options, copies.testnets)
    for (const copy of [shards, networks.configMaps, networks.networkPolicies]) {
      copy.onChange((_key, object) => this.#testnets.add(TestnetController.keyOf(object)))
    }
    copies.testnets.onChange((key) => this.#testnets.add(key))
    copies.clusters.onChange((key) => {
      this.#clusters.add(key)
      this.#testnets.addAll()
    })
  }

  #controlTestnets(options: HubRoleOptions, copies: HubCopies): Controlled {
    const writer = options.session.writer(MANAGER)
    const controller = new TestnetController({
      ...options,
      copies,
      members: this.#members,
      writer,
    })
    const reconcile = (key: string) => controller.reconcile(key)
    const queue = controllerQueue({ ...options, name: 'testnet', reconcile })
    return new Controlled(queue, reconcile, () => copies.testnets.all().map(keyOf))
  }

  #controlClusters(options: HubRoleOptions, copies: HubCopies): Controlled {
    const controller = new ClusterController({
      clusters: copies.clusters,
      members: this.#members,
      writer: options.session.writer(MANAGER),
      events: options.events,
      onHealth: () => this.#testnets.addAll(),
    })
    const reconcile = (key: string) => controller.reconcile(key)
    const queue = controllerQueue({ ...options, name: 'cluster', reconcile })
    return new Controlled(queue, reconcile, () => copies.clusters.all().map(keyOf))
  }

  begin(): void {
    this.#clusters.begin()
    this.#testnets.begin()
    this.#loadTests.begin()
  }

  async once(): Promise<void> {
    await this.#clusters.once()
    await this.#testnets.once()
    await this.#loadTests.once()
  }

  async stop(): Promise<void> {
    const controlled = [this.#clusters, this.#testnets, this.#loadTests]
    await Promise.all(controlled.map((each) => each.stop()))
    await this.#members.stop()
  }
}

function controlLoadTests(options: HubRoleOptions, testnets: KindInformers): Controlled {
  const { session } = options
  const loadTests = session.follow(RESOURCES.loadTests)
  const jobs = session.follow(RESOURCES.jobs, { labelSelector: OURS })
  const controller = new LoadTestController({ ...options, loadTests, testnets, jobs })
  const reconcile = (key: string) => controller.reconcile(key)
  const queue = controllerQueue({ ...options, name: 'loadtest', reconcile })
  const role = new Controlled(queue, reconcile, () => loadTests.all().map(keyOf))
  loadTests.onChange((key) => role.add(key))
  jobs.onChange((_key, { metadata }) => {
    const name = metadata.labels?.[LABEL.loadTest]
    if (name !== undefined) role.add(`${metadata.namespace ?? ''}/${name}`)
  })
  return role
}
