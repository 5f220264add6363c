// Test equipment: Pulumi's language host for Node comes with Pulumi's installer and in no registry. This one tells the engine
// which providers the program needs and starts the program by the SDK's own `cmd/run`, as the real one does.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js'
import languageServices from '@pulumi/pulumi/proto/language_grpc_pb.js'
import language from '@pulumi/pulumi/proto/language_pb.js'
import plugin from '@pulumi/pulumi/proto/plugin_pb.js'

/** What `cmd/run` ends with when it has told the engine itself why. */
const EXIT_AFTER_SAYING_WHY = 32
const PROVIDERS = ['kubernetes', 'aws', 'gcp', 'azure-native'] as const

const require = createRequire(import.meta.url)
const engine = process.argv.at(-1) ?? ''

function requiredPackages(): language.GetRequiredPackagesResponse {
  const answer = new language.GetRequiredPackagesResponse()
  answer.setPackagesList(
    PROVIDERS.map((name) => {
      const needed = new plugin.PackageDependency()
      needed.setName(name)
      needed.setKind('resource')
      needed.setVersion(`v${versionOf(`@pulumi/${name}`)}`)
      return needed
    }),
  )
  return answer
}

function versionOf(name: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(require.resolve(`${name}/package.json`), 'utf8'),
  )
  return version
}

async function run(request: language.RunRequest): Promise<language.RunResponse> {
  const info = request.getInfo()
  const words = [
    require.resolve('@pulumi/pulumi/cmd/run'),
    `--organization=${request.getOrganization()}`,
    `--project=${request.getProject()}`,
    `--stack=${request.getStack()}`,
    `--root-directory=${info?.getRootDirectory() ?? ''}`,
    `--pwd=${request.getPwd()}`,
    `--monitor=${request.getMonitorAddress()}`,
    `--engine=${engine}`,
    `--parallel=${request.getParallel()}`,
    ...(request.getDryrun() ? ['--dry-run'] : []),
    info?.getEntryPoint() ?? '.',
  ]
  const env = {
    ...process.env,
    PULUMI_NODEJS_TYPESCRIPT: 'false',
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject(false))),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  }
  const code = await exitOf(words, env)
  const answer = new language.RunResponse()
  if (code === EXIT_AFTER_SAYING_WHY) answer.setBail(true)
  else if (code !== 0) answer.setError(`the program ended with exit code ${code}`)
  return answer
}

function exitOf(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'inherit', 'inherit'] })
  child.on('error', reject)
  child.on('exit', (code, by) => resolve(by === null ? (code ?? 1) : 128 + constants.signals[by]))
  return promise
}

function answering<Request, Response>(
  work: (request: Request) => Response | Promise<Response>,
): (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => void {
  const answer = async (request: Request, done: sendUnaryData<Response>): Promise<void> => {
    try {
      done(null, await work(request))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }
  return ({ request }, done) => void answer(request, done)
}

const server = new Server()
server.addService(languageServices.LanguageRuntimeService, {
  getRequiredPackages: answering(requiredPackages),
  getPluginInfo: answering(() => new plugin.PluginInfo()),
  run: answering(run),
})
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  // The engine reads the first line and connects there.
  console.log(String(port))
})
