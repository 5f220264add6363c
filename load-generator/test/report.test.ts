import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderReport } from '../src/report/render-report.ts'
import { exampleResult } from './example-result.ts'
import { runPage } from './page-world.ts'

test('a report refers to nothing outside of itself', () => {
  const page = renderReport(exampleResult())
  for (const pattern of [
    /\ssrc\s*=/i,
    /\shref\s*=/i,
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
  const page = renderReport(exampleResult())
  const headings = [
    'Criteria',
    'Transactions',
    'Shards',
    'Safety check',
    'Configuration',
    'How this was counted',
  ]
  const order = [
    'Passed</p>',
    'Committed per second</dt>',
    ...headings.map((heading) => `<h2>${heading}</h2>`),
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

test('the scripts of the page draw all five plots with the real uPlot', () => {
  const { calls, texts, elements } = runPage(
    renderReport(exampleResult({ marks: [{ atMs: 12_000, kind: 'fault', text: 'kill' }] })),
  )
  for (const id of ['throughput', 'latency', 'distribution', 'heights', 'in-flight']) {
    assert.equal(elements.get(id)?.children.length, 1, `${id} has a plot`)
  }
  assert.ok((calls.get('lineTo') ?? 0) > 100)
  assert.ok((calls.get('rect') ?? 0) > 10, 'bars of the distribution')
  assert.ok(
    texts.some((text) => text.startsWith('99 % ')),
    'percentiles are named',
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
