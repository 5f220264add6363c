import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { PROJECT_ROOT } from './src/place.ts'

const MAIN = join(PROJECT_ROOT, 'cli', 'src', 'main.ts')
const NAME = 'picture'
const WIDTH = 1200
const HEIGHT = 1500
/** Pictures of one report: its head, by day and by night, and the part that a sceptic asks for. */
const REPORTS = [
  { name: 'report', anchor: '', scheme: 'light', height: HEIGHT },
  { name: 'report-dark', anchor: '', scheme: 'dark', height: HEIGHT },
  { name: 'report-counting', anchor: '#steady-state', scheme: 'light', height: 1_400 },
] as const
/** Pictures of a validator's page during the run. */
const PAGES = [
  { name: 'live', scheme: 'light' },
  { name: 'live-dark', scheme: 'dark' },
] as const
/** Seconds with transactions that the page shows by then. */
const BARS_MIN = 20
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
const LOOK_EVERY_MS = 500

interface Picture {
  readonly path: string
  readonly content: Uint8Array
}

/**
 * Runs the default testnet and takes the pictures of its live page and its report for the README, with the commit in them.
 * Needs a Chromium.
 * @throws Error in one sentence when a part is missing or the run did not pass.
 */
export async function generate(): Promise<readonly Picture[]> {
  const executablePath = chromiumProgram()
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-pictures-'))
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const running = runTestnet(join(folder, 'run'))
    const pages = await Promise.race([picturesOfPage(browser), running.then(endedEarly)])
    await running
    return [...pages, ...(await picturesOfReport(browser, folder))]
  } finally {
    await browser.close()
    execFileSync(process.execPath, [MAIN, 'down', NAME, '--remove-data'], { stdio: 'ignore' })
    await rm(folder, { recursive: true, force: true })
  }
}

function chromiumProgram(): string {
  for (const name of BROWSERS) {
    const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' })
    if (status === 0) return stdout.trim()
  }
  throw new Error(`pictures need one of ${BROWSERS.join(', ')} on the PATH`)
}

async function runTestnet(out: string): Promise<void> {
  const words = [MAIN, 'start', '--out', out, '--name', NAME]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the run ended with ${code ?? 'a signal'}`)
}

function endedEarly(): never {
  throw new Error('the run ended before its page showed a load')
}

async function picturesOfPage(browser: Browser): Promise<readonly Picture[]> {
  const address = await pageAddress()
  const pictures: Picture[] = []
  for (const { name, scheme } of PAGES) {
    const page = await browser.newPage({
      // The page's policy forbids what waits for it here to be evaluated in it.
      bypassCSP: true,
      colorScheme: scheme,
      viewport: { width: WIDTH, height: 800 },
    })
    await page.goto(address)
    await page.waitForFunction(
      `[...document.querySelectorAll('#chart rect')].filter((bar) => bar.getAttribute('height') > 0).length >= ${BARS_MIN}`,
      undefined,
      { timeout: 0 },
    )
    await page.evaluate(
      `document.getElementById('network').append(${JSON.stringify(` · ${sourceLine()}`)})`,
    )
    pictures.push(pictureOf(name, await page.screenshot({ fullPage: true })))
    await page.close()
  }
  return pictures
}

/** Known as soon as the testnet runs. */
async function pageAddress(): Promise<string> {
  for (;;) {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, 'status', NAME, '--json', '-'], {
      encoding: 'utf8',
    })
    const found = status === 0 ? /"httpAddress": ?"([^"]+)"/.exec(stdout)?.[1] : undefined
    const isServing =
      found !== undefined && (await fetch(`http://${found}/readyz`).then(isOk, () => false))
    if (isServing) return `http://${found}/`
    await delay(LOOK_EVERY_MS)
  }
}

const isOk = ({ ok }: Response): boolean => ok

async function picturesOfReport(browser: Browser, folder: string): Promise<readonly Picture[]> {
  const report = pathToFileURL(join(folder, 'run', 'report.html')).href
  const pictures: Picture[] = []
  for (const { name, anchor, scheme, height } of REPORTS) {
    const frame = join(folder, `${name}.html`)
    await writeFile(frame, frameOf(`${report}${anchor}`, scheme, height))
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width: WIDTH, height } })
    await page.goto(pathToFileURL(frame).href)
    pictures.push(pictureOf(name, await page.screenshot()))
    await page.close()
  }
  return pictures
}

function pictureOf(name: string, content: Uint8Array): Picture {
  return { path: `docs/pictures/${name}.png`, content }
}

function sourceLine(): string {
  const words = ['rev-parse', '--short', 'HEAD']
  return `npm start, at commit ${execFileSync('git', words, { cwd: PROJECT_ROOT, encoding: 'utf8' }).trim()}`
}

/** The report under a line that says where it comes from. */
function frameOf(report: string, scheme: 'light' | 'dark', height: number): string {
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; font: 16px system-ui, sans-serif; color: #57606a; background: ${scheme === 'dark' ? '#14171b' : '#fff'} }
p { margin: 0; padding: 12px 96px 0 }
iframe { border: 0; width: ${WIDTH}px; height: ${height - 40}px }
</style><p>${sourceLine()}</p><iframe src="${report}"></iframe>
`
}
