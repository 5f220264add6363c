/* global document, getComputedStyle, matchMedia, uPlot, window */
// Runs in the page of a report, after uPlot. Reads the numbers that the page carries; asks nobody for anything.
;(() => {
  const data = JSON.parse(document.getElementById('result').textContent)
  const { series, window: measured, marks, shards, bins, summary, knee, trials } = data
  const HEIGHT = 280
  const seconds = series.timeMs.map((ms) => ms / 1000)
  const perSecond = (counts) => counts.map((count) => (count * 1000) / series.intervalMs)

  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const isAbsent = (value) => value === null || value === undefined
  const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
  const rate = (value) => (isAbsent(value) ? '–' : number.format(value))
  const time = (ms) => {
    if (isAbsent(ms)) return '–'
    if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`
    return `${Number(ms.toPrecision(3))} ms`
  }
  const atSecond = (value) => (isAbsent(value) ? '–' : `${Number(value.toPrecision(6))} s`)

  function axes(xText, yText) {
    const common = {
      stroke: color('quiet'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: color('grid'), width: 1 },
      ticks: { show: false },
    }
    return [
      {
        ...common,
        grid: { show: false },
        values: (_, splits) => splits.map((split) => (isAbsent(split) ? '' : xText(split))),
        size: 32,
      },
      {
        ...common,
        values: (_, splits) => splits.map((split) => (isAbsent(split) ? '' : yText(split))),
        size: 64,
      },
    ]
  }

  const MARK_COLORS = { fault: 'bad', restart: 'orange', epoch: 'good', clock: 'open' }
  const MARK_NAMES = { fault: 'Fault', restart: 'Restart', epoch: 'Epoch', clock: 'Clock' }

  /** Shades what the figures leave out, and draws what happened: a band while it lasted, else a line. */
  function drawTime(plot) {
    const { ctx, bbox } = plot
    const right = bbox.left + bbox.width
    const x = (ms) => Math.min(right, Math.max(bbox.left, plot.valToPos(ms / 1000, 'x', true)))
    ctx.save()
    ctx.fillStyle = color('shade')
    ctx.fillRect(bbox.left, bbox.top, x(measured.fromMs) - bbox.left, bbox.height)
    ctx.fillRect(x(measured.toMs), bbox.top, right - x(measured.toMs), bbox.height)
    for (const mark of marks) {
      const at = x(mark.atMs)
      const stroke = color(MARK_COLORS[mark.kind] ?? 'grey')
      ctx.strokeStyle = stroke
      ctx.fillStyle = stroke
      if (mark.untilMs !== undefined) {
        ctx.globalAlpha = 0.12
        ctx.fillRect(at, bbox.top, Math.max(2, x(mark.untilMs) - at), bbox.height)
        ctx.globalAlpha = 1
      }
      ctx.beginPath()
      ctx.moveTo(at, bbox.top)
      ctx.lineTo(at, bbox.top + bbox.height)
      ctx.stroke()
    }
    ctx.restore()
  }

  /** The names of the marks, over the grid; only where the one before leaves room. */
  function drawNames(plot) {
    const { ctx, bbox } = plot
    const right = bbox.left + bbox.width
    const room = 56 * window.devicePixelRatio
    ctx.save()
    ctx.font = `${11 * window.devicePixelRatio}px system-ui, sans-serif`
    let named = Number.NEGATIVE_INFINITY
    for (const mark of marks) {
      const name = MARK_NAMES[mark.kind]
      const at = plot.valToPos(mark.atMs / 1000, 'x', true)
      if (name === undefined || at - named < room || at > right) continue
      const isAtRight = right - at < room
      ctx.fillStyle = color(MARK_COLORS[mark.kind])
      ctx.textAlign = isAtRight ? 'right' : 'left'
      ctx.fillText(name, at + (isAtRight ? -4 : 4), bbox.top + 11 * window.devicePixelRatio)
      named = at
    }
    ctx.restore()
  }

  function line(label, stroke, value, options) {
    return {
      label,
      stroke,
      width: 2,
      points: { show: false },
      value: (_, raw) => value(raw),
      ...options,
    }
  }

  function timePlot(lines, values, yText) {
    return {
      options: {
        scales: {
          x: { time: false },
          y: { range: (_, low, high) => [0, Math.max(isAbsent(high) ? 1 : high * 1.08, 1)] },
        },
        axes: axes(atSecond, yText),
        series: [{ label: 'Time', value: (_, raw) => atSecond(raw) }, ...lines],
        hooks: { drawClear: [drawTime], draw: [drawNames] },
      },
      values: [seconds, ...values],
    }
  }

  const SHARD_COLORS = ['blue', 'orange', 'good', 'bad', 'open', 'grey']

  const plots = {
    throughput: () =>
      timePlot(
        [
          line('Offered/s', color('grey'), rate, { dash: [6, 4] }),
          line('Committed/s', color('blue'), rate),
          line('Failed/s', color('bad'), rate),
        ],
        [perSecond(series.offered), perSecond(series.committed), perSecond(series.failed)],
        rate,
      ),
    latency: () =>
      timePlot(
        [line('Median', color('blue'), time), line('99th percentile', color('orange'), time)],
        [series.p50Ms, series.p99Ms],
        time,
      ),
    distribution: () => (bins.length === 0 ? null : distribution()),
    heights: () =>
      timePlot(
        shards.map((shard, i) =>
          line(`Shard ${shard}`, color(SHARD_COLORS[i % SHARD_COLORS.length]), rate),
        ),
        shards.map((_, i) => series.heights.map((heights) => heights[i] ?? null)),
        rate,
      ),
    backlog: () =>
      timePlot(
        [line('Backlog', color('blue'), rate), line('In flight', color('grey'), rate)],
        [series.backlog, series.inFlight],
        rate,
      ),
    knee: () => (trials.length === 0 ? null : kneePlot()),
  }

  function distribution() {
    const middle = bins.map((bin) => Math.sqrt(Math.max(bin.fromMs, 0.001) * bin.toMs))
    const percentiles =
      summary === null
        ? []
        : [
            ['50 %', summary.p50Ms],
            ['99 %', summary.p99Ms],
          ]
    const drawPercentiles = (plot) => {
      const { ctx, bbox } = plot
      ctx.save()
      ctx.strokeStyle = color('quiet')
      ctx.fillStyle = color('quiet')
      ctx.font = `${12 * window.devicePixelRatio}px system-ui, sans-serif`
      ctx.textAlign = 'right'
      for (const [name, ms] of percentiles) {
        const x = Math.round(plot.valToPos(ms, 'x', true))
        ctx.beginPath()
        ctx.moveTo(x, bbox.top)
        ctx.lineTo(x, bbox.top + bbox.height)
        ctx.stroke()
        ctx.fillText(`${name} ${time(ms)}`, x - 6, bbox.top + 14 * window.devicePixelRatio)
      }
      ctx.restore()
    }
    const first = bins[0].fromMs
    const last = bins[bins.length - 1].toMs
    const [xAxis, yAxis] = axes(time, rate)
    return {
      options: {
        scales: {
          x: { time: false, distr: 3, range: () => [Math.max(first, 0.001) / 1.1, last * 1.1] },
          y: { range: (_, low, high) => [0, high * 1.15] },
        },
        axes: [
          {
            ...xAxis,
            splits: (_, __, low, high) => ladder(low, high),
            filter: (_, splits) => splits,
          },
          yAxis,
        ],
        series: [
          { label: 'Latency', value: (_, raw) => time(raw) },
          line('Transactions', color('blue'), rate, {
            width: 0,
            fill: color('blue'),
            paths: uPlot.paths.bars({ size: [0.9, 100] }),
          }),
        ],
        hooks: { draw: [drawPercentiles] },
      },
      values: [middle, bins.map((bin) => bin.count)],
    }
  }

  const OUTCOME_COLORS = { met: 'good', missed: 'bad' }

  function drawKnee(plot) {
    if (knee === null) return
    const { ctx, bbox } = plot
    const x = (value) => plot.valToPos(value, 'x', true)
    ctx.save()
    ctx.fillStyle = color('good')
    ctx.strokeStyle = color('good')
    ctx.globalAlpha = 0.15
    ctx.fillRect(x(knee.low), bbox.top, Math.max(2, x(knee.high) - x(knee.low)), bbox.height)
    ctx.globalAlpha = 1
    ctx.beginPath()
    ctx.moveTo(x(knee.value), bbox.top)
    ctx.lineTo(x(knee.value), bbox.top + bbox.height)
    ctx.stroke()
    ctx.font = `${12 * window.devicePixelRatio}px system-ui, sans-serif`
    ctx.textAlign = 'right'
    ctx.fillText(
      `Knee ${rate(knee.value)}/s`,
      x(knee.low) - 6,
      bbox.top + 14 * window.devicePixelRatio,
    )
    ctx.restore()
  }

  function drawTrials(plot) {
    const { ctx } = plot
    ctx.save()
    for (const trial of trials) {
      if (isAbsent(trial.p99Ms)) continue
      ctx.fillStyle = color(OUTCOME_COLORS[trial.outcome] ?? 'open')
      ctx.beginPath()
      ctx.arc(
        plot.valToPos(trial.rate, 'x', true),
        plot.valToPos(trial.p99Ms, 'y', true),
        5 * window.devicePixelRatio,
        0,
        2 * Math.PI,
      )
      ctx.fill()
    }
    ctx.restore()
  }

  /** Latency against the rate that was asked for; the knee with its interval, each trial in the colour of its outcome. */
  function kneePlot() {
    const rates = trials.map((trial) => trial.rate)
    const last = rates[rates.length - 1]
    const times = trials
      .flatMap((trial) => [trial.p50Ms, trial.p99Ms])
      .filter((ms) => !isAbsent(ms))
    const [xAxis, yAxis] = axes((value) => `${rate(value)}/s`, time)
    return {
      options: {
        scales: {
          x: { time: false, range: () => [0, last * 1.05] },
          y: { distr: 3, range: () => [Math.min(...times) / 1.5, Math.max(...times) * 1.5] },
        },
        axes: [
          xAxis,
          {
            ...yAxis,
            splits: (_, __, low, high) => ladder(low, high),
            filter: (_, splits) => splits,
          },
        ],
        series: [
          { label: 'Rate', value: (_, raw) => (isAbsent(raw) ? '–' : `${rate(raw)}/s`) },
          line('Median', color('blue'), time),
          line('99th percentile', color('orange'), time),
        ],
        hooks: { drawClear: [drawKnee], draw: [drawTrials] },
      },
      values: [rates, trials.map((trial) => trial.p50Ms), trials.map((trial) => trial.p99Ms)],
    }
  }

  /** 1, 2, 5, 10, 20, 50 … between two values: what people expect along a logarithmic axis. */
  function ladder(low, high) {
    const steps = []
    for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
      for (const step of [1, 2, 5])
        if (step * decade >= low && step * decade <= high) steps.push(step * decade)
    }
    return steps
  }

  const drawn = new Map()

  /** Left and right move the cursor as the mouse does; the legend under the plot says the values. */
  function steer(id, element) {
    let at = -1
    const show = (index) => {
      const plot = drawn.get(id)
      if (plot === undefined) return
      at = Math.max(0, Math.min(plot.data[0].length - 1, index))
      plot.setCursor({
        left: plot.valToPos(plot.data[0][at], 'x'),
        top: plot.over.clientHeight / 2,
      })
    }
    const steps = {
      ArrowLeft: () => show(at - 1),
      ArrowRight: () => show(at + 1),
      Home: () => show(0),
      End: () => show(Number.MAX_SAFE_INTEGER),
      Escape: () => element.blur(),
    }
    element.addEventListener('keydown', (event) => {
      if (!Object.hasOwn(steps, event.key)) return
      event.preventDefault()
      steps[event.key]()
    })
    element.addEventListener('blur', () => drawn.get(id)?.setCursor({ left: -10, top: -10 }))
  }

  function draw(id, make) {
    const element = document.getElementById(id)
    const content = make()
    if (element === null || content === null) return
    const base = {
      width: element.clientWidth || 960,
      height: HEIGHT,
      padding: [12, 20, 0, 0],
      cursor: { y: false, drag: { x: false, y: false } },
    }
    drawn.get(id)?.destroy()
    drawn.set(id, new uPlot({ ...base, ...content.options }, content.values, element))
  }

  function drawAll() {
    for (const [id, make] of Object.entries(plots)) draw(id, make)
  }

  // An empty plot takes no room (without scripts): give it some before it is measured.
  for (const element of document.querySelectorAll('.plot')) element.style.display = 'block'
  drawAll()
  for (const id of drawn.keys()) steer(id, document.getElementById(id))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll)
  window.addEventListener('resize', () => {
    for (const plot of drawn.values())
      plot.setSize({ width: plot.root.parentElement.clientWidth, height: HEIGHT })
  })
})()
