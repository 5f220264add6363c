import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PROJECT_ROOT } from './src/place.ts'

const WIDTH = 1200
const HEIGHT = 1500
/** Pictures of one report: its head, by day and by night, and the part that a sceptic asks for. */
const PICTURES = [
  { name: 'report', anchor: '', scheme: 'light', height: HEIGHT },
  { name: 'report-dark', anchor: '', scheme: 'dark', height: HEIGHT },
  { name: 'report-counting', anchor: '#steady-state', scheme: 'light', height: 1_400 },
] as const
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
/** A page of our own, from a file: nothing that asks a network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--allow-file-access-from-files',
  '--hide-scrollbars',
]

/**
 * Runs the default testnet and takes the pictures of its report for the README, with the commit in them. Needs a Chromium.
 * @throws Error in one sentence when a part is missing or the run did not pass.
 */
export async function generate(): Promise<readonly { path: string; content: Uint8Array }[]> {
  const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)
  if (browser === undefined)
    throw new Error(`pictures need one of ${BROWSERS.join(', ')} on the PATH`)
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-pictures-'))
  const main = join(PROJECT_ROOT, 'cli', 'src', 'main.ts')
  try {
    execFileSync(
      process.execPath,
      [main, 'start', '--out', join(folder, 'run'), '--name', 'picture'],
      { stdio: 'inherit' },
    )
    const pictures = []
    for (const { name, anchor, scheme, height } of PICTURES) {
      const frame = join(folder, `${name}.html`)
      const report = pathToFileURL(join(folder, 'run', 'report.html')).href
      await writeFile(frame, frameOf(`${report}${anchor}`, scheme, height))
      const target = join(folder, `${name}.png`)
      const words = [
        `--user-data-dir=${join(folder, 'browser')}`,
        `--window-size=${WIDTH},${height}`,
        `--blink-settings=preferredColorScheme=${scheme === 'dark' ? 0 : 1}`,
        `--screenshot=${target}`,
      ]
      execFileSync(browser, [...FLAGS, ...words, pathToFileURL(frame).href], { stdio: 'ignore' })
      pictures.push({ path: `docs/pictures/${name}.png`, content: await readFile(target) })
    }
    return pictures
  } finally {
    execFileSync(process.execPath, [main, 'down', 'picture', '--remove-data'], { stdio: 'ignore' })
    await rm(folder, { recursive: true, force: true })
  }
}

/** The report under a line that says where it comes from. */
function frameOf(report: string, scheme: 'light' | 'dark', height: number): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
  }).trim()
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; font: 16px system-ui, sans-serif; color: #57606a; background: ${scheme === 'dark' ? '#14171b' : '#fff'} }
p { margin: 0; padding: 12px 96px 0 }
iframe { border: 0; width: ${WIDTH}px; height: ${height - 40}px }
</style><p>npm start, at commit ${commit}</p><iframe src="${report}"></iframe>
`
}
