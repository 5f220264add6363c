import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { BrowserTestnet } from '../../browser/browser-testnet.ts'
import { chromiumProgram } from '../../browser/chromium.ts'
import { type DrawnText, faintTexts } from '../../browser/contrast.ts'

/** Nothing that should happen takes longer, on a machine that is ten times slower than a laptop. */
const WAIT_MS_MAX = 180_000
const PICTURES = join(import.meta.dirname, '..', '..', '..', '.cache', 'live-page')

/** A page with all that it complained of and asked for. */
interface Watched {
  readonly page: Page
  readonly complaints: string[]
  readonly asked: string[]
}

let testnet: BrowserTestnet
let browser: Browser
let address: string

before(async () => {
  mkdirSync(PICTURES, { recursive: true })
  testnet = await BrowserTestnet.start('live-page', ['--shards=2', '--validators=4'])
  address = await testnet.page(0, 0)
  const executablePath = await chromiumProgram()
  assert.ok(executablePath !== null, 'the runner found a Chromium')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})

after(async () => {
  await browser?.close()
  await testnet?.[Symbol.asyncDispose]()
})

async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Watched> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 1_280, height: 1_180 },
    ...options,
  })
  context.setDefaultTimeout(WAIT_MS_MAX)
  const page = await context.newPage()
  const complaints: string[] = []
  const asked: string[] = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(address)
  return { page, complaints, asked }
}

const tile = (page: Page, name: string): Promise<string> =>
  page.locator('#tiles > div', { hasText: name }).locator('.value').innerText()

const numberOf = (text: string): number => Number(text.replaceAll(',', ''))

/** Asks until it holds; a page that never shows it fails with what it showed last. */
async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  const endsAtMs = performance.now() + WAIT_MS_MAX
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    assert.ok(performance.now() < endsAtMs, `still ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('the live page in a real browser', () => {
  test('shows a testnet under load, and asks nobody but its validator', async () => {
    const { page, complaints, asked } = await open()
    await page.locator('#state', { hasText: 'ready' }).waitFor()
    const height = (): Promise<number> => tile(page, 'Height').then(numberOf)
    const first = await height()
    const loading = testnet.load(['--rate=40', '--duration=40s', '--cross-shard=50%'])
    await until(height, (seen) => seen > first + 2)
    await until(
      () => tile(page, 'Transactions a second').then(numberOf),
      (rate) => rate > 0,
    )
    await until(
      () => tile(page, 'From proposal to commit'),
      (text) => text.endsWith('s'),
    )
    const bars = (): Promise<number> =>
      page.locator('#chart rect').evaluateAll((all) => {
        return all.filter((bar) => Number(bar.getAttribute('height')) > 0).length
      })
    await until(bars, (seen) => seen > 0)
    assert.match((await page.locator('#chart').getAttribute('aria-label')) ?? '', /largest [\d,]+/)

    assert.equal(await tile(page, 'Peers connected'), '3 of 3')
    assert.deepEqual(await page.locator('#peers tr td:nth-child(2)').allInnerTexts(), [
      '● connected',
      '● connected',
      '● connected',
    ])
    const otherShard = page.locator('#shards tr:nth-child(2) td:nth-child(2)')
    await until(
      () => otherShard.innerText(),
      (text) => numberOf(text) > 0,
    )
    const ordered = page.locator('#transactions tr', { hasText: 'OK' })
    await ordered.first().waitFor()
    const blocks = await page.locator('#blocks tr').count()
    assert.equal(blocks, 12)
    await page.screenshot({ path: join(PICTURES, 'light.png'), fullPage: true })
    await loading

    assert.deepEqual(complaints, [])
    const { origin } = new URL(address)
    assert.deepEqual(
      asked.filter((url) => new URL(url).origin !== origin),
      [],
    )
    await page.context().close()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`is readable when the system is ${colorScheme}, also on a telephone`, async () => {
      const { page, complaints } = await open({ colorScheme })
      await page.locator('#blocks tr').first().waitFor()
      const { texts, paper } = await drawnTexts(page)
      assert.ok(texts.length > 60, `${texts.length} texts`)
      assert.deepEqual(faintTexts(texts), [])
      assert.equal(
        faintTexts([{ text: 'paper', color: 'rgb(0, 0, 0)', background: paper }]).length,
        colorScheme === 'dark' ? 1 : 0,
        `the page's own background is ${paper}`,
      )
      await page.screenshot({ path: join(PICTURES, `${colorScheme}-quiet.png`), fullPage: true })
      await page.setViewportSize({ width: 390, height: 844 })
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.equal(overflow, 0, 'nothing sticks out sideways')
      await page.screenshot({
        path: join(PICTURES, `${colorScheme}-telephone.png`),
        fullPage: true,
      })
      assert.deepEqual(complaints, [])
      await page.context().close()
    })

  test('is used by keyboard alone: skip, pause, read the chart', async () => {
    const { page, asked } = await open()
    await page.locator('#blocks tr').first().waitFor()
    const focused = (): Promise<string> =>
      page.evaluate('document.activeElement.id || document.activeElement.className')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'skip')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'pause')
    await page.keyboard.press('Enter')
    await page.locator('#state', { hasText: 'paused' }).waitFor()
    assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'true')
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'chart')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    assert.match(await page.locator('#chart-reading').innerText(), /^2 s ago: [\d,]+$/)
    const before = asked.length
    await page.keyboard.press('p')
    await page.locator('#state', { hasText: 'ready' }).waitFor()
    await until(
      async () => asked.length,
      (now) => now > before,
    )
    await page.context().close()
  })

  test('asks only while somebody can see it', async () => {
    const { page, asked } = await open()
    await page.clock.install()
    await page.reload()
    await page.locator('#blocks tr').first().waitFor()
    const setHidden = (isHidden: boolean): Promise<unknown> =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
         document.dispatchEvent(new Event('visibilitychange'))`,
      )
    const askedData = (): number => asked.filter((url) => url.endsWith('data.json')).length
    await setHidden(true)
    await page.waitForLoadState('networkidle')
    const before = askedData()
    await page.clock.fastForward(60_000)
    assert.equal(askedData(), before, 'a minute passes in the page, and it asks nothing')
    await setHidden(false)
    await until(
      async () => askedData(),
      (now) => now > before,
    )
    await page.context().close()
  })

  test('shows a killed peer as gone, and as connected when it is back', async () => {
    const { page, complaints } = await open()
    const peer = page.locator('#peers tr', {
      has: page.locator('td:first-child', { hasText: /^2$/ }),
    })
    await peer.filter({ hasText: '● connected' }).waitFor()
    await testnet.kill(0, 2)
    await peer.filter({ hasText: '○ gone' }).waitFor()
    assert.equal(await tile(page, 'Peers connected'), '2 of 3')
    await page.screenshot({ path: join(PICTURES, 'peer-gone.png'), fullPage: true })
    await testnet.heal()
    await peer.filter({ hasText: '● connected' }).waitFor()
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('says that the validator does not answer, keeps what it said, and goes on when it is back', async () => {
    const { page } = await open()
    await page.locator('#state', { hasText: 'ready' }).waitFor()
    const trouble = page.getByRole('alert')
    assert.equal(await trouble.isVisible(), false)
    await testnet.kill(0, 0)
    await trouble.filter({ hasText: 'This validator does not answer' }).waitFor()
    assert.equal(await page.locator('#state').innerText(), 'no answer')
    assert.match(await page.title(), /^No answer/)
    assert.ok(numberOf(await tile(page, 'Height')) > 0, 'the last figures stay')
    await page.screenshot({ path: join(PICTURES, 'no-answer.png'), fullPage: true })
    await testnet.heal()
    await trouble.waitFor({ state: 'hidden' })
    await page.locator('#state', { hasText: 'ready' }).waitFor()
    await page.context().close()
  })
})

/** Every text of the page with its colour and the first background behind it that is not transparent. */
function drawnTexts(page: Page): Promise<{ readonly texts: DrawnText[]; readonly paper: string }> {
  return page.evaluate(`(() => {
    const backgroundOf = (node) => {
      const { backgroundColor } = getComputedStyle(node)
      const isClear = backgroundColor === 'transparent' || /, 0\\)$/.test(backgroundColor)
      return isClear && node.parentElement !== null ? backgroundOf(node.parentElement) : backgroundColor
    }
    const ownText = (node) => [...node.childNodes]
      .filter((child) => child.nodeType === Node.TEXT_NODE)
      .map((child) => child.textContent.trim()).join('')
    const texts = [...document.body.querySelectorAll('*')]
      .filter((node) => node.checkVisibility() && ownText(node) !== '' && node.tagName !== 'NOSCRIPT')
      .map((node) => ({
        text: ownText(node), color: getComputedStyle(node).color, background: backgroundOf(node),
      }))
    return { texts, paper: getComputedStyle(document.body).backgroundColor }
  })()`)
}
