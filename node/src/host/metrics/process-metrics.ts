import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { NodeCatalogue } from './catalogue.ts'
import type { Metrics } from './create-metrics.ts'

const EVENT_LOOP_RESOLUTION_MS = 20

/** Feeds the process metrics at every scrape. Returns the stop function of the event-loop probe. */
export function watchProcess({ handles, onScrape }: Metrics<NodeCatalogue>): () => void {
  const delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS })
  delay.enable()
  handles.startTimeSeconds.set(Date.now() / 1000 - process.uptime())
  onScrape(() => {
    const { user, system } = process.cpuUsage()
    handles.cpuSeconds.total(user / 1e6, { mode: 'user' })
    handles.cpuSeconds.total(system / 1e6, { mode: 'system' })
    const memory = process.memoryUsage()
    handles.residentBytes.set(memory.rss)
    handles.heapBytes.set(memory.heapUsed)
    handles.externalBytes.set(memory.external)
    handles.eventLoopDelaySeconds.set(Number.isFinite(delay.mean) ? delay.percentile(99) / 1e9 : 0)
    delay.reset()
  })
  return () => void delay.disable()
}
