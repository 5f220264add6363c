const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti']
const DECIMAL = ['', 'k', 'M', 'G', 'T']

/** A value in the words of Grafana's unit; those that we use. */
export function valueText(value: number, unit: string): string {
  switch (unit) {
    case 'percentunit':
      return `${digits(value * 100)} %`
    case 's':
      return value !== 0 && Math.abs(value) < 1
        ? `${digits(value * 1_000)} ms`
        : `${digits(value)} s`
    case 'bytes':
      return scaled(value, 1_024, BINARY, 'B')
    case 'Bps':
      return scaled(value, 1_000, DECIMAL, 'B/s')
    case 'currencyUSD':
      return `$${digits(value)}`
    case 'bool_yes_no':
      return value === 0 ? 'No' : 'Yes'
    case 'none':
      return String(value)
    default:
      return scaled(value, 1_000, DECIMAL, perSecond[unit] ?? '')
  }
}

const perSecond: Readonly<Record<string, string>> = { cps: '/s', pps: '/s', reqps: '/s' }

function scaled(value: number, step: number, prefixes: readonly string[], word: string): string {
  let power = 0
  let rest = value
  while (Math.abs(rest) >= step && power < prefixes.length - 1) {
    rest /= step
    power++
  }
  return `${digits(rest)} ${prefixes[power] ?? ''}${word}`.trimEnd()
}

const digits = (value: number): string =>
  Math.abs(value) < 1
    ? value.toLocaleString('en-US', { maximumSignificantDigits: 2 })
    : value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 })
