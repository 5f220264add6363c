import type { LoadResult } from '../result.ts'
import { bytesText, countText, rateText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { pairTable, section, type Row } from './tables.ts'

/** The honest rate beside the one that the same run would have been given in 2018, and the rate in other units. */
export function countingSection({ counting }: LoadResult): Markup {
  return section(
    'counting',
    'What was counted',
    comparison(counting),
    markup`<div class="columns">
      ${pairTable('Rate in other units', rateRows(counting))}
      ${pairTable('What a transaction took', byteRows(counting))}
    </div>`,
  )
}

type Counting = LoadResult['counting']

function comparison({ committedPerSecond, style2018 }: Counting): Markup {
  const honest = markup`<div class="figure">
    <p class="name">Committed per second</p>
    <p class="value">${rateText(committedPerSecond)}</p>
    <p class="quiet">
      each transaction once, when committed in every shard that it touches, inside one window
    </p>
  </div>`
  if (style2018 === null) return markup`<div class="beside">${honest}</div>`
  const { perSecond, ratioToHonest, blocks, busyShare, text } = style2018
  const ratio = ratioToHonest === null ? '' : `${rateText(ratioToHonest)} times as much. `
  return markup`<div class="beside">
    ${honest}
    <div class="figure struck">
      <p class="name">2018-style figure, not a throughput</p>
      <p class="value">${rateText(perSecond)}</p>
      <p class="quiet">
        ${ratio}${text}. From ${countText(blocks)} blocks; shards were busy
        ${rateText(busyShare * 100)} % of the time, idle time does not count, and both halves of a
        cross-shard transaction do.
      </p>
    </div>
  </div>`
}

const NOT_MEASURED = 'not measured'

function rateRows(counting: Counting): readonly Row[] {
  const { cores, perCorePerSecond, perCoreSecondUsed } = counting
  const ofCores = cores === null ? '' : ` of ${countText(cores)}`
  return [
    ['Per validator and second', rateText(counting.perValidatorPerSecond)],
    [`Per core${ofCores} and second`, orNot(perCorePerSecond, rateText)],
    ['Per second of processor time used', orNot(perCoreSecondUsed, rateText)],
    ['Per signature check', orNot(counting.perSignatureCheck, rateText)],
  ]
}

function byteRows(counting: Counting): readonly Row[] {
  return [
    ['Between validators', orNot(counting.networkBytesPerTransaction, bytesText)],
    ['From the client', orNot(counting.clientBytesPerTransaction, bytesText)],
    ['On all disks', orNot(counting.diskBytesPerTransaction, bytesText)],
    ['Signature checks in the window', orNot(counting.signatureChecks, countText)],
  ]
}

function orNot(value: number | null, text: (value: number) => string): string {
  return value === null ? NOT_MEASURED : text(value)
}
