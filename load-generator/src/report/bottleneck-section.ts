import type { LoadResult } from '../result.ts'
import { bytesText, countText, percentText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { bar, figureTable, pairTable, section, type Row } from './tables.ts'

type Load = LoadResult['bottleneck']['loads'][number]

const RESOURCE_WORDS: Readonly<Record<Load['kind'], string>> = {
  generator: 'Load generator',
  cpu: 'Processor',
  eventLoop: 'Event loop',
  signatures: 'Signatures',
  network: 'Network',
  disk: 'Disk',
}

/** What held the rate down, resource by resource. */
export function bottleneckSection({ bottleneck, resources }: LoadResult): Markup {
  const rows = bottleneck.loads.map((load) => [
    RESOURCE_WORDS[load.kind],
    loadBar(load),
    load.load === null ? '–' : percentText(load.load),
    percentText(load.limit),
    load.text,
  ])
  const table =
    rows.length === 0
      ? markup``
      : figureTable(
          'Resources',
          ['Resource', { words: 'Load' }, '', 'Full from', { words: 'Measured' }],
          rows,
        )
  return section(
    'bottleneck',
    'What was the limit',
    markup`<p>${bottleneck.text}</p>`,
    table,
    resourceDetails(resources),
  )
}

function loadBar({ load, limit }: Load): Markup {
  if (load === null) return markup``
  return bar(load, load >= limit ? 'full' : '')
}

function resourceDetails(resources: LoadResult['resources']): Markup {
  if (resources === null) return markup``
  const { validators, validatorsMissing } = resources
  const orDash = (value: number | null, text: (value: number) => string): string =>
    value === null ? '–' : text(value)
  const seconds = (value: number): string => timeText(value * 1_000)
  const rows: readonly Row[] = [
    ['Validators read', `${countText(validators)}, ${countText(validatorsMissing)} missing`],
    ['Between', `${timeText(resources.fromMs)} and ${timeText(resources.toMs)}`],
    ['Processor time, all validators', seconds(resources.cpuSeconds)],
    ['Processor time, busiest validator', seconds(resources.cpuSecondsMax)],
    ['Processor time, generator', orDash(resources.generatorCpuSeconds, seconds)],
    ['Processor time, whole machine', orDash(resources.machineCpuSeconds, seconds)],
    ['Event loop delay, 99 %', timeText(resources.eventLoopDelayP99Ms)],
    ['Signature checks', countText(resources.signatureChecks)],
    ['In the signature kernel', seconds(resources.signatureSeconds)],
    ['Sent between validators', bytesText(resources.networkSentBytes)],
    ['Most bytes waiting for peers', bytesText(resources.networkQueuedBytesMax)],
    ['Frames dropped', countText(resources.networkDroppedFrames)],
    ['Written to logs', bytesText(resources.diskWrittenBytes)],
    ['Syncs', `${countText(resources.fsyncs)} in ${seconds(resources.fsyncSeconds)}`],
    ['One sync, 99 %', timeText(resources.fsyncP99Ms)],
    ['Turned away at the doors', countText(resources.busyTransactions)],
    ['Views skipped', countText(resources.skips)],
  ]
  return markup`<details>
    <summary>What the validators used</summary>
    ${pairTable('What the validators used', rows)}
  </details>`
}
