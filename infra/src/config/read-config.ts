import * as pulumi from '@pulumi/pulumi'
import { StackConfig } from './stack-config.ts'

/** Reads every key of the schema from the stack; what is no JSON is text, as `pulumi config set` writes it. */
export function readStackConfig(): Record<string, unknown> {
  const stack = new pulumi.Config('shardnet')
  const entries = Object.keys(StackConfig.shape).flatMap((key): [string, unknown][] => {
    const text = stack.get(key)
    return text === undefined ? [] : [[key, valueOf(text)]]
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
