import * as pulumi from '@pulumi/pulumi'
import { StackConfig } from './stack-config.ts'

/** What Pulumi makes of a date in YAML that stands there without quotes. */
const DATE_AS_TIME = /\b(\d{4}-\d{2}-\d{2})(?:T00:00:00Z| 00:00:00 \+0000 UTC)/g

/** Reads every key of the schema from the stack; what is no JSON is text, as `pulumi config set` writes it. */
export function readStackConfig(): Record<string, unknown> {
  const stack = new pulumi.Config('shardnet')
  const entries = Object.keys(StackConfig.shape).flatMap((key): [string, unknown][] => {
    const text = stack.get(key)
    return text === undefined ? [] : [[key, valueOf(text.replaceAll(DATE_AS_TIME, '$1'))]]
  })
  return Object.fromEntries(entries)
}

function valueOf(text: string): unknown {
  // A plain word or an image reference is no JSON; a list, a number or `true` is.
  if (!/^(?:[[{]|-?\d+(?:\.\d+)?$|true$|false$)/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
