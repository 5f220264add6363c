// Test equipment: stands in for Pulumi's providers of AWS, Google Cloud and Azure under the real engine. Resources exist in
// files, with recorded outputs of the real shape; what the engine asked for is written down in order.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { main, type Provider } from '@pulumi/pulumi/provider/index.js'
import { answerCall, outputsOf, type RealCluster } from '../recorded-outputs.ts'

type Properties = Record<string, unknown>

const [name = '', version = '', folder = ''] = process.argv.slice(2)
const resources = join(folder, 'resources')
mkdirSync(resources, { recursive: true })

function note(verb: 'create' | 'update' | 'delete', urn: string): void {
  appendFileSync(join(folder, 'calls'), `${JSON.stringify({ verb, place: placeOf(urn) })}\n`)
}

/** A file of this name makes one call fail, once. */
function failIfTold(verb: 'create' | 'delete', urn: string): void {
  const file = join(folder, 'fail-once.json')
  if (!existsSync(file)) return
  const told: { readonly verb: string; readonly place: string } = jsonOf(file)
  if (told.verb !== verb || told.place !== placeOf(urn)) return
  rmSync(file)
  throw new Error(`${told.place}: the cloud is out of order`)
}

const cloud: Provider = {
  version,
  check: async (_urn, _olds, inputs) => ({ inputs }),
  diff: async (_id, urn, olds, news: Properties) => {
    const before = inputsOf(urn) ?? olds
    return { changes: !Object.keys(news).every((key) => isDeepStrictEqual(before[key], news[key])) }
  },
  create: async (urn, inputs: Properties) => {
    failIfTold('create', urn)
    const { id, state } = keep(urn, inputs)
    note('create', urn)
    return { id, outs: state }
  },
  read: async (id, urn, props) =>
    inputsOf(urn) === null ? { id: '', props: {} } : { id, props: props ?? {} },
  update: async (_id, urn, _olds, news: Properties) => {
    note('update', urn)
    return { outs: keep(urn, news).state }
  },
  delete: async (_id, urn) => {
    failIfTold('delete', urn)
    rmSync(fileOf(urn))
    note('delete', urn)
  },
  invoke: async (token, inputs: Properties) => ({ outputs: answerCall(token, inputs, clusters()) }),
}

function keep(urn: string, inputs: Properties): { id: string; state: Properties } {
  const [type = '', name = ''] = placeOf(urn).split('::')
  writeFileSync(fileOf(urn), JSON.stringify(inputs))
  return outputsOf(type, name, inputs, clusters())
}

/** API servers that stand in for those of the clouds, by the name of the cluster. */
function clusters(): Readonly<Record<string, RealCluster>> {
  return jsonOf(join(folder, 'clusters.json'))
}

function inputsOf(urn: string): Properties | null {
  return existsSync(fileOf(urn)) ? jsonOf(fileOf(urn)) : null
}

function fileOf(urn: string): string {
  return join(resources, `${encodeURIComponent(placeOf(urn))}.json`)
}

/** `type::name` of a URN. */
function placeOf(urn: string): string {
  const [, , type = '', name = ''] = urn.replace('urn:pulumi:', '').split('::')
  return `${type.split('$').at(-1)}::${name}`
}

function jsonOf(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

process.title = `recorded ${name}`
await main(cloud, process.argv.slice(5))
