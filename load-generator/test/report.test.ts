import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderReport } from '../src/report/render-report.ts'
import { exampleResult } from './example-result.ts'
import { searchSection } from './example-sections.ts'
import { runPage } from './page-world.ts'

test('a report refers to nothing outside of itself', () => {
  const page = renderReport(exampleResult())
  for (const pattern of [
    /\ssrc\s*=/i,
    /\shref\s*=\s*"(?!#)/i,
    /url\s*\(/i,
    /@import/i,
    /<link/i,
    /<iframe/i,
    /\bfetch\s*\(/,
    /XMLHttpRequest|WebSocket|import\s*\(/,
  ]) {
    assert.doesNotMatch(page, pattern)
  }
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;/)
})

test('no text of a result becomes markup or script', () => {
  const attack = `</script><script>alert(1)</script><img onerror='x' src="y">&\u2028`
  const honest = exampleResult()
  const result = exampleResult({
    name: attack,
    safety: { kind: 'failed', findings: [attack], facts: [{ name: attack, value: attack }] },
    verdict: {
      kind: 'failed',
      reasons: [attack],
      criteria: [{ name: 'lost', expected: attack, measured: attack, outcome: 'missed' }],
    },
    counts: { ...honest.counts, failedByCode: { [attack]: 1 }, refusedByCode: { [attack]: 1 } },
    door: { ...honest.door, refusalsByCode: { [attack]: 1 } },
    marks: [{ atMs: 5, kind: 'note', text: attack }],
    configuration: {
      ...honest.configuration,
      command: attack,
      networkId: attack,
      facts: [{ name: attack, value: attack }],
      workload: {
        ...honest.configuration.workload,
        profile: attack,
        settings: { [attack]: attack },
      },
    },
  })
  const page = renderReport(result)
  assert.equal(page.match(/<script/g)?.length, 3, 'our data and our two scripts')
  assert.equal(page.match(/<\/script>/g)?.length, 3)
  assert.doesNotMatch(page, /<img|alert\(1\)<\/script>/)
  const json = /id="result">([^]*?)<\/script>/.exec(page)?.[1] ?? ''
  assert.deepEqual(JSON.parse(json).marks, result.marks, 'the plots still get the text as it is')
})

test('the verdict comes first, then the figures, and every fate has a number', () => {
  const page = renderReport(exampleResult({ search: searchSection }))
  const order = [
    'Passed</p>',
    'Committed per second</dt>',
    ...[
      'Criteria',
      'Highest steady rate',
      'Throughput',
      'Latency over time',
      'Latency distribution',
      'Backlog',
      'What happened',
      'Steady state',
      'What was counted',
      'What was the limit',
      'Shards side by side',
      'Transactions',
      'Safety check',
      'Load generator',
      'Cost',
      'Run it again',
      'Configuration',
      'How this was counted',
    ].map((heading) => `-title">${heading}</h2>`),
  ]
  const places = order.map((text) => page.indexOf(text, page.indexOf('<body>')))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
  assert.ok(/Failed: INSUFFICIENT<\/th>\s*<td>16</.test(page), 'failures by code')
  assert.ok(page.includes('npm start -- --rate 500 --seed 1'))
})

test('each verdict says its word', () => {
  for (const [kind, word] of [
    ['passed', 'Passed'],
    ['failed', 'Failed'],
    ['notSteady', 'Not steady'],
    ['generatorLimited', 'Generator limited'],
    ['clockJumped', 'Clock jumped'],
    ['aborted', 'Aborted'],
    ['undecided', 'Undecided'],
  ] as const) {
    const page = renderReport(exampleResult({ verdict: { kind, reasons: ['why'], criteria: [] } }))
    assert.ok(page.includes(`<p class="word">${word}</p>`))
  }
})

test('the page has one title, headings in order, landmarks, and links that lead somewhere', () => {
  const page = renderReport(exampleResult({ search: searchSection }))
  const levels = [...page.matchAll(/<h([1-6])[\s>]/g)].map(([, level]) => Number(level))
  assert.equal(levels.filter((level) => level === 1).length, 1)
  levels.forEach((level, i) => assert.ok(level <= (levels[i - 1] ?? 0) + 1, `heading ${i}`))
  for (const landmark of [/<header>/, /<nav aria-label="Contents">/, /<main id="main"/])
    assert.equal(page.match(new RegExp(landmark, 'g'))?.length, 1)
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, ids.length, 'an id is given once')
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
  assert.ok(links.length > 15)
  for (const id of links) assert.ok(ids.includes(id), `#${id}`)
  for (const [, id] of page.matchAll(/aria-(?:labelledby|describedby)="([^"]+)"/g))
    assert.ok(ids.includes(id), `${id} names something`)
})

test('everything that takes the keyboard has a name, every head of a table a scope, and nothing moves by itself', () => {
  const page = renderReport(exampleResult({ search: searchSection }))
  const focusable = [...page.matchAll(/<(div|pre|main)\b[^>]*tabindex="0"[^>]*>/g)].map(
    ([tag]) => tag,
  )
  assert.ok(focusable.length > 15)
  for (const tag of focusable) assert.ok(/aria-label="[^"]+"|class="command"/.test(tag), tag)
  for (const [tag] of page.matchAll(/<th\b[^>]*>/g)) assert.match(tag, /scope="(row|col)"/)
  assert.doesNotMatch(page, /\son[a-z]+=|autofocus|<marquee|@keyframes/i)
  const plots = [...page.matchAll(/<div\s+class="plot"[^>]*>/g)].map(([tag]) => tag)
  assert.equal(plots.length, 6)
  for (const tag of plots) assert.match(tag, /role="img"[^>]*aria-label="[^"]+"/)
  assert.match(page, /prefers-color-scheme: dark/)
  assert.match(page, /@media print/)
})

test('what is not known is not told: no cost, no search, no metrics, no 2018 figure', () => {
  const { counting } = exampleResult()
  const page = renderReport(
    exampleResult({
      cost: null,
      search: null,
      resources: null,
      marks: [],
      counting: { ...counting, style2018: null, cores: null, perCorePerSecond: null },
    }),
  )
  for (const heading of ['Cost', 'Highest steady rate', 'What happened'])
    assert.ok(!page.includes(`>${heading}</h2>`), heading)
  const shown = page.slice(page.indexOf('<main'), page.indexOf('</main>'))
  assert.doesNotMatch(shown, /2018-style figure|null|NaN|undefined/)
  assert.match(page, /not measured/)
})

test('the scripts of the page draw all six plots with the real uPlot', () => {
  const { calls, texts, elements } = runPage(
    renderReport(
      exampleResult({
        search: searchSection,
        marks: [{ atMs: 12_000, untilMs: 14_000, kind: 'fault', text: 'kill' }],
      }),
    ),
  )
  for (const id of ['throughput', 'latency', 'distribution', 'heights', 'backlog', 'knee']) {
    assert.equal(elements.get(id)?.children.length, 1, `${id} has a plot`)
  }
  assert.ok((calls.get('lineTo') ?? 0) > 100)
  assert.ok((calls.get('rect') ?? 0) > 10, 'bars of the distribution')
  assert.ok(
    texts.some((text) => text.startsWith('99 % ')),
    'percentiles are named',
  )
  assert.ok(
    texts.includes('Fault') && texts.includes('Knee 6,250/s'),
    'marks and the knee are named',
  )
  for (const tick of ['100 ms', '200 ms', '500 ms', '1 s', '2 s'])
    assert.ok(texts.includes(tick), `${tick} along the distribution`)
  const plot = elements.get('throughput')
  let prevented = 0
  for (const key of ['ArrowRight', 'End', 'ArrowLeft', 'Home', 'x'])
    plot?.tell('keydown', { key, preventDefault: () => (prevented += 1) })
  assert.equal(prevented, 4)
})

test('a run in which nothing committed still has a report', () => {
  const honest = exampleResult()
  const nothing = exampleResult({
    latency: { summary: null, bins: [], encoded: '' },
    series: {
      ...honest.series,
      timeMs: [],
      offered: [],
      sent: [],
      committed: [],
      failed: [],
      inFlight: [],
      backlog: [],
      p50Ms: [],
      p99Ms: [],
      heights: [],
    },
  })
  const page = renderReport(nothing)
  assert.match(page, /Nothing was committed/)
  const { elements } = runPage(page)
  assert.equal(elements.get('distribution')?.children.length, 0)
})
