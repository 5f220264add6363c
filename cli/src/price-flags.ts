import type { RunPrices } from '@shardnet/load-generator/cost'
import { InputError } from './input-error.ts'

/** What people type about money. */
export interface PriceFlags {
  readonly pricePerHour?: string
  readonly budget?: string
}

const AMOUNT = /^\d{1,9}(\.\d{1,6})?$/

/**
 * Price and budget of a run; undefined when neither is given.
 * @throws {InputError} with every problem.
 */
export function pricesOf(flags: PriceFlags): RunPrices | undefined {
  const problems: string[] = []
  const amount = (flag: string, text: string | undefined): number | null => {
    if (text === undefined) return null
    if (AMOUNT.test(text) && Number(text) > 0) return Number(text)
    problems.push(`${flag}: expected an amount above zero in US dollars, such as 1.25, got ${text}`)
    return null
  }
  const pricePerHour = amount('--price-per-hour', flags.pricePerHour)
  const budget = amount('--budget', flags.budget)
  if (flags.budget !== undefined && flags.pricePerHour === undefined)
    problems.push('--budget: expected --price-per-hour beside it, got it alone')
  if (problems.length > 0) throw new InputError(problems)
  if (pricePerHour === null) return undefined
  const machine = {
    place: 'here',
    cloud: 'other',
    region: '',
    machineType: 'as typed',
    purchase: 'onDemand',
    count: 1,
    diskGigabytes: 0,
    pricePerHour,
  } as const
  return { machines: [machine], placeOf: () => 'here', budget }
}
