import { E2eError } from '../e2e-error.ts'
import { ensureTools } from './build-tools.ts'
import { toolSets } from './tool-set.ts'

/** `node e2e/cluster/build/main.ts [NAME…]`: builds the sets of that name (default: all), prints the folder of each. */
const names = process.argv.slice(2)
const unknown = names.filter((name) => !toolSets.some((set) => set.name === name))
try {
  if (unknown.length > 0)
    throw new E2eError(
      `no such set of tools: ${unknown.join(', ')}; there are ${toolSets.map(({ name }) => name).join(', ')}`,
    )
  for (const set of toolSets.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const folder = await ensureTools(set, (line) => void process.stderr.write(`${line}\n`))
    console.log(folder)
  }
} catch (error) {
  if (!(error instanceof E2eError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = unknown.length > 0 ? 2 : 3
}
