import { stringify } from 'yaml'
import { isKind } from '../api/document.ts'
import { customResourceOf, namesOfKind } from '../crd/custom-resource.ts'
import { recreateWarnings } from '../crd/recreate-warning.ts'
import { policyRules, type Right, rights } from './rights.ts'
import { valuesSchema } from './values.ts'

interface ChartFile {
  readonly path: string
  readonly content: string
}

const YAML = { lineWidth: 120, aliasDuplicateObjects: false } as const

/** Every file of the charts that code makes. */
export function chartFiles(): readonly ChartFile[] {
  return [...kindFiles(), warningFile(), ...rightsFiles(), schemaFile()]
}

function kindFiles(): readonly ChartFile[] {
  const kinds = Object.keys(namesOfKind).filter(isKind)
  return kinds.map((kind) => ({
    path: `charts/shardnet-crds/templates/${namesOfKind[kind].plural}.yaml`,
    content: stringify(customResourceOf(kind), YAML),
  }))
}

function warningFile(): ChartFile {
  const documents = recreateWarnings().map((object) => stringify(object, YAML))
  return {
    path: 'charts/shardnet-crds/templates/recreate-warning.yaml',
    content: documents.join('---\n'),
  }
}

/** One file for each holder and scope, which the templates of the chart choose from. */
function rightsFiles(): readonly ChartFile[] {
  const of = (holder: Right['holders'][number], scope: Right['scope']) =>
    rights.filter((each) => each.scope === scope && each.holders.includes(holder))
  const unique = (some: readonly Right[]) => [...new Set(some)]
  const chosen: Readonly<Record<string, readonly Right[]>> = {
    'hub-rules': of('hub', 'namespace'),
    'member-rules': of('member', 'namespace'),
    'hub-abroad-rules': of('hubAbroad', 'namespace'),
    'both-rules': unique([...of('hub', 'namespace'), ...of('member', 'namespace')]),
    'own-rules': of('hub', 'own'),
    'gateway-rules': of('member', 'cluster'),
  }
  return Object.entries(chosen).map(([name, some]) => ({
    path: `charts/shardnet-operator/files/${name}.yaml`,
    content: stringify(policyRules(some), YAML),
  }))
}

function schemaFile(): ChartFile {
  return {
    path: 'charts/shardnet-operator/values.schema.json',
    content: `${JSON.stringify(valuesSchema(), null, 2)}\n`,
  }
}
