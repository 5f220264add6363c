import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Counter } from './src/run/counter-file.ts'
import { seedsPage, twinsPage } from './src/run/counted-page.ts'
import type { Totals } from './src/run/totals.ts'
import type { TwinsTotals } from './src/twins/twins-totals.ts'

interface GeneratedFile {
  readonly path: string
  readonly content: string
}

const PAGE = 'docs/reliability.md'
const COUNTERS = 'simulator/counters.json'
const BEGIN = '<!-- counted: made from simulator/counters.json by `npm run generate` -->'
const END = '<!-- /counted -->'

/** The totals in the page on reliability, so that they are those of the counter file that is kept beside them. */
export async function generate(): Promise<readonly GeneratedFile[]> {
  const root = join(import.meta.dirname, '..')
  const page = await readFile(join(root, PAGE), 'utf8')
  const { counters } = JSON.parse(await readFile(join(root, COUNTERS), 'utf8')) as {
    readonly counters: readonly Counter<unknown>[]
  }
  const sections = counters.map((counter) =>
    counter.counted === 'seeds'
      ? seedsPage(counter as Counter<Totals>)
      : twinsPage(counter as Counter<TwinsTotals>),
  )
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for what was counted`)
  const content = `${page.slice(0, begin)}${BEGIN}\n\n${sections.join('\n\n')}\n\n${page.slice(end)}`
  return [{ path: PAGE, content }]
}
