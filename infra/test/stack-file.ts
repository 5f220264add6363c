import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** Configuration of an example stack, without the project's prefix. */
export function stackOf(name: string): Record<string, unknown> {
  const text = readFileSync(join(import.meta.dirname, '..', `Pulumi.${name}.yaml`), 'utf8')
  const { config }: { config: Record<string, unknown> } = parse(text)
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace('shardnet:', ''), value]),
  )
}
