import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PROJECT_ROOT } from './src/place.ts'

const WIDTH = 1200
const HEIGHT = 1500
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
  `--window-size=${WIDTH},${HEIGHT}`,
]

/**
 * Runs the default testnet and takes the picture of its report for the README, with the commit in it. Needs a Chromium.
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
    const frame = join(folder, 'frame.html')
    await writeFile(frame, frameOf(pathToFileURL(join(folder, 'run', 'report.html')).href))
    const target = join(folder, 'report.png')
    const words = [`--user-data-dir=${join(folder, 'browser')}`, `--screenshot=${target}`]
    execFileSync(browser, [...FLAGS, ...words, pathToFileURL(frame).href], { stdio: 'ignore' })
    return [{ path: 'docs/pictures/report.png', content: await readFile(target) }]
  } finally {
    execFileSync(process.execPath, [main, 'down', 'picture', '--remove-data'], { stdio: 'ignore' })
    await rm(folder, { recursive: true, force: true })
  }
}

/** The report under a line that says where it comes from. */
function frameOf(report: string): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
  }).trim()
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; font: 16px system-ui, sans-serif; color: #57606a; background: #fff }
p { margin: 0; padding: 12px 96px 0 }
iframe { border: 0; width: ${WIDTH}px; height: ${HEIGHT - 40}px }
</style><p>npm start, at commit ${commit}</p><iframe src="${report}"></iframe>
`
}
