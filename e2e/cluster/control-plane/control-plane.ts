import { findFreePorts } from '@shardnet/operator/ports'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiClient, type ApiAccess } from '../api/api-client.ts'
import { kubeconfigText } from '../api/kubeconfig.ts'
import type { Processes } from '../process/processes.ts'
import { waitUntil } from '../process/wait-until.ts'
import {
  apiServerFlags,
  type ControlPlaneFiles,
  type ControlPlanePorts,
  controllerManagerFlags,
  etcdFlags,
  type Proportions,
  garbageVariables,
  schedulerFlags,
  schedulerConfiguration,
} from './flags.ts'

export interface ControlPlaneOptions {
  readonly name: string
  /** Folder of the programs, from `ensureTools`. */
  readonly tools: string
  readonly processes: Processes
  /** See `ControlPlaneFiles.egress`. */
  readonly egress: string | null
  /** Lines of the token file beside the administrator's: token, user, uid, groups. */
  readonly users: readonly string[]
  readonly proportions: Proportions
}

const START_MAX_MS = 300_000
const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const
type Program = (typeof PROGRAMS)[number]

/** A running etcd, API server, controller manager and scheduler, all on the loopback interface. */
export class ControlPlane {
  readonly name: string
  readonly kubeconfig: string
  readonly access: ApiAccess
  readonly api: ApiClient
  readonly ports: ControlPlanePorts
  readonly proportions: Proportions
  readonly #processes: Processes
  readonly #commands: Readonly<Record<Program, readonly string[]>>

  constructor(
    { name, tools, processes, proportions }: ControlPlaneOptions,
    files: ControlPlaneFiles,
    access: ApiAccess,
    ports: ControlPlanePorts,
  ) {
    this.name = name
    this.kubeconfig = files.kubeconfig
    this.access = access
    this.api = new ApiClient(access)
    this.ports = ports
    this.#processes = processes
    this.proportions = proportions
    this.#commands = commandsOf({ tools, proportions }, ports, files)
  }

  get bindsVolumes(): boolean {
    return this.proportions.bindsVolumes !== false
  }

  /** Starts one of the programs, say again after `stop`, over what is on the disk. */
  start(program: Program): void {
    this.#processes.start(program, this.#commands[program], {
      env: environmentOf(program, this.proportions),
    })
  }

  async stop(program: Program): Promise<void> {
    await this.#processes.stop(program)
  }

  /** Resolves once the API server says that it is ready and pods can be made in `default`. */
  async ready(): Promise<void> {
    await this.answers()
    await waitUntil('the default service account', START_MAX_MS, async () => {
      await this.#mustRun(PROGRAMS)
      const path = '/api/v1/namespaces/default/serviceaccounts/default'
      return (await askOrNull(this.api, path)) === 200
    })
  }

  /** Resolves once the API server says that it is ready. */
  async answers(): Promise<void> {
    await waitUntil('the API server', START_MAX_MS, async () => {
      await this.#mustRun(['etcd', 'kube-apiserver'])
      return (await askOrNull(this.api, '/readyz')) === 200
    })
  }

  async #mustRun(programs: readonly Program[]): Promise<void> {
    for (const program of programs) await this.#processes.mustRun(program)
  }
}

const CONTROLLERS = ['system:kube-controller-manager', 'system:kube-scheduler'] as const
const BINDING_PATH = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/test-controllers'

/** What a cluster gives to each of a manager's controllers, these have together. */
function controllersBinding(): object {
  const apiGroup = 'rbac.authorization.k8s.io'
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'test-controllers' },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: CONTROLLERS.map((name) => ({ apiGroup, kind: 'User', name })),
  }
}

/** Brings up a control plane and waits for it. Needs no rights but the user's own. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { name, processes, egress } = options
  const files = filesIn(processes.folder, egress)
  const [etcd = 0, etcdPeer = 0, api = 0] = await findFreePorts(3, processes.folder, new Set())
  const ports = { etcd, etcdPeer, api }
  const token = randomBytes(16).toString('hex')
  await mkdir(files.certificates, { recursive: true })
  const controllers = CONTROLLERS.map((user) => {
    return { user, token: randomBytes(16).toString('hex') }
  })
  const users = [
    `${token},admin,admin,system:masters`,
    ...controllers.map((each) => `${each.token},${each.user},${each.user}`),
    ...options.users,
  ]
  await writeFile(files.tokens, `${users.join('\n')}\n`, { mode: 0o600 })
  await writeServiceAccountKeys(files)
  await writeFile(
    files.scheduler,
    JSON.stringify(schedulerConfiguration(files, options.proportions)),
  )

  const commands = commandsOf(options, ports, files)
  processes.start('etcd', commands.etcd)
  const env = environmentOf('kube-apiserver', options.proportions)
  processes.start('kube-apiserver', commands['kube-apiserver'], { env })
  // The API server signs a certificate for itself as it starts; who signed it is in the same file.
  const certificate = join(files.certificates, 'apiserver.crt')
  await waitUntil('a certificate of the API server', START_MAX_MS, async () => {
    await processes.mustRun('kube-apiserver')
    return existsSync(certificate) && existsSync(join(files.certificates, 'apiserver.key'))
  })
  const access: ApiAccess = {
    url: `https://127.0.0.1:${api}`,
    certificateAuthority: await readFile(certificate, 'utf8'),
    token,
  }
  await writeFile(files.kubeconfig, kubeconfigText(name, access), { mode: 0o600 })
  for (const [index, file] of [files.manager, files.schedulerKubeconfig].entries()) {
    const own = { ...access, token: controllers[index]?.token ?? '' }
    await writeFile(file, kubeconfigText(name, own), { mode: 0o600 })
  }
  const controlPlane = new ControlPlane(options, files, access, ports)
  // They give up on an API server that is not ready within seconds, which a busy machine may take.
  await controlPlane.answers()
  if (options.proportions.isFrugal === true)
    await controlPlane.api.apply(BINDING_PATH, controllersBinding())
  controlPlane.start('kube-controller-manager')
  controlPlane.start('kube-scheduler')
  await controlPlane.ready()
  return controlPlane
}

function environmentOf(program: Program, proportions: Proportions): NodeJS.ProcessEnv {
  if (program === 'etcd') return process.env
  const kind = program === 'kube-apiserver' ? program : 'client'
  return { ...process.env, ...garbageVariables(kind, proportions) }
}

function filesIn(folder: string, egress: string | null): ControlPlaneFiles {
  return {
    etcd: join(folder, 'etcd'),
    certificates: join(folder, 'certificates'),
    tokens: join(folder, 'tokens.csv'),
    serviceAccountKey: join(folder, 'service-accounts.key'),
    serviceAccountPublicKey: join(folder, 'service-accounts.pub'),
    kubeconfig: join(folder, 'kubeconfig'),
    scheduler: join(folder, 'scheduler.json'),
    manager: join(folder, 'controller-manager.kubeconfig'),
    schedulerKubeconfig: join(folder, 'scheduler.kubeconfig'),
    egress,
  }
}

function commandsOf(
  { tools, proportions }: Pick<ControlPlaneOptions, 'tools' | 'proportions'>,
  ports: ControlPlanePorts,
  files: ControlPlaneFiles,
): Readonly<Record<Program, readonly string[]>> {
  const at = (program: Program, flags: readonly string[]) => [join(tools, program), ...flags]
  return {
    etcd: at('etcd', etcdFlags(ports, files)),
    'kube-apiserver': at('kube-apiserver', apiServerFlags(ports, files, proportions)),
    'kube-controller-manager': at(
      'kube-controller-manager',
      controllerManagerFlags(files, proportions),
    ),
    'kube-scheduler': at('kube-scheduler', schedulerFlags(files)),
  }
}

async function writeServiceAccountKeys(files: ControlPlaneFiles): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  await writeFile(files.serviceAccountKey, privateKey, { mode: 0o600 })
  await writeFile(files.serviceAccountPublicKey, publicKey)
}

/** Status of the answer, or null while nobody answers. */
async function askOrNull(api: ApiClient, path: string): Promise<number | null> {
  try {
    return (await api.ask({ path })).status
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}
