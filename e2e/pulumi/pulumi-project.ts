import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureTools } from '../cluster/build/build-tools.ts'
import { pulumiTools } from '../cluster/build/tool-set.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const INFRA = join(ROOT, 'infra')
const EQUIPMENT = join(INFRA, 'test', 'engine')
const RECORDED = ['aws', 'gcp', 'azure-native'] as const

/** A machine on which somebody uses infra/: the program, Pulumi with its plugins, and the commands that get credentials. */
export interface PulumiProject {
  readonly program: string
  /** Where `pulumi` is called. */
  readonly folder: string
  /** Where the recorded clouds keep what they made. */
  readonly clouds: string
  readonly env: NodeJS.ProcessEnv
}

/** Puts one together in an empty folder. The program is the real one, by links; its stacks' files and state lie in the folder. */
export async function makeProject(
  folder: string,
  say: (line: string) => void,
): Promise<PulumiProject> {
  const tools = await ensureTools(pulumiTools, say)
  const [project, home, bin, state, clouds] = ['infra', 'home', 'bin', 'state', 'clouds'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string, string]
  for (const each of [project, join(home, 'plugins'), bin, state, clouds])
    await mkdir(each, { recursive: true })
  for (const name of ['guard.mjs', 'package.json', 'node_modules', 'src'])
    await symlink(join(INFRA, name), join(project, name))
  await symlink(join(ROOT, 'charts'), join(folder, 'charts'))
  await cp(join(INFRA, 'Pulumi.yaml'), join(project, 'Pulumi.yaml'))
  await writeProgram(
    join(bin, 'pulumi-language-nodejs'),
    `exec ${nodeRunning('language-host.ts')} "$@"`,
  )
  await symlink(join(tools, 'pulumi'), join(bin, 'pulumi'))
  await installPlugin(
    home,
    'kubernetes',
    `exec '${join(tools, 'pulumi-resource-kubernetes')}' "$@"`,
  )
  for (const name of RECORDED)
    await installPlugin(
      home,
      name,
      `exec ${nodeRunning('recorded-cloud.ts')} ${name} ${await versionOf(name)} '${clouds}' "$@"`,
    )
  await writeTokenCommands(bin, clouds)
  return {
    program: join(tools, 'pulumi'),
    folder: project,
    clouds,
    env: {
      ...process.env,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: 'test',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      // Nothing of the user's own configuration reaches the programs.
      KUBECONFIG: join(folder, 'no-kubeconfig'),
      HELM_CACHE_HOME: join(folder, 'helm'),
      HELM_CONFIG_HOME: join(folder, 'helm'),
      HELM_DATA_HOME: join(folder, 'helm'),
    },
  }
}

/** Where Pulumi's installer would have put the plugin of the version that the program's package asks for. */
async function installPlugin(home: string, name: string, line: string): Promise<void> {
  const place = join(home, 'plugins', `resource-${name}-v${await versionOf(name)}`)
  await mkdir(place)
  await writeProgram(join(place, `pulumi-resource-${name}`), line)
}

/** What a person has from the clouds' own tools: a command that kubectl and Pulumi ask for a token. */
async function writeTokenCommands(bin: string, clouds: string): Promise<void> {
  for (const [command, cloud] of [
    ['aws', 'aws'],
    ['gke-gcloud-auth-plugin', 'gcp'],
  ])
    await writeProgram(
      join(bin, command ?? ''),
      `exec cat '${join(clouds, `${cloud}-token.json`)}'`,
    )
}

const nodeRunning = (file: string): string => `'${process.execPath}' '${join(EQUIPMENT, file)}'`

async function writeProgram(path: string, line: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${line}\n`)
  await chmod(path, 0o755)
}

async function versionOf(name: string): Promise<string> {
  const place = join(INFRA, 'node_modules', '@pulumi', name, 'package.json')
  const { version }: { version: string } = JSON.parse(await readFile(place, 'utf8'))
  return version
}
