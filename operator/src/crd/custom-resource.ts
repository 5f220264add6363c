import { z } from 'zod'
import { schemaOfKind, type Document } from '../api/document.ts'
import type { Rule } from '../api/rule.ts'
import { rulesOfKind } from '../api/rules.ts'
import {
  ClusterStatus,
  FaultStatus,
  LoadTestStatus,
  ShardStatus,
  TestnetStatus,
} from '../api/testnet-status.ts'
import { columnsOfKind } from './printer-columns.ts'
import {
  type JsonSchema,
  structuralSchema,
  type StructuralSchema,
  type Validation,
} from './structural-schema.ts'

export const API_GROUP = 'shardnet.dev'
export const API_VERSION_NAME = 'v1alpha1'

interface Names {
  readonly plural: string
  readonly shortNames: readonly string[]
  readonly description: string
}

/** How each kind is called in addresses and on the command line. */
export const namesOfKind: Readonly<Record<Document['kind'], Names>> = {
  Testnet: {
    plural: 'testnets',
    shortNames: ['tn'],
    description: 'A sharded network of validators: what people edit. The operator makes it true.',
  },
  Shard: {
    plural: 'shards',
    shortNames: [],
    description: 'The part of one shard in one cluster. Written by the operator, never by people.',
  },
  LoadTest: {
    plural: 'loadtests',
    shortNames: ['lt'],
    description: 'One run of load against a testnet, with its figures and its verdict.',
  },
  Fault: {
    plural: 'faults',
    shortNames: [],
    description: 'Something that goes wrong with validators on purpose, and is always undone.',
  },
  Cluster: {
    plural: 'clusters',
    shortNames: [],
    description: 'A cluster that takes validators of testnets.',
  },
}

const statusOfKind: Readonly<Record<Document['kind'], z.ZodType>> = {
  Testnet: TestnetStatus,
  Shard: ShardStatus,
  LoadTest: LoadTestStatus,
  Fault: FaultStatus,
  Cluster: ClusterStatus,
}

const made = new Map<Document['kind'], StructuralSchema>()

/** The structural schema of a kind: its specification with all rules, and its status. */
export function schemaOf(kind: Document['kind']): StructuralSchema {
  const known = made.get(kind) ?? makeSchema(kind)
  made.set(kind, known)
  return known
}

function makeSchema(kind: Document['kind']): StructuralSchema {
  const written = structuralSchema(jsonSchema(schemaOfKind[kind]), kind)
  const { metadata, spec = {} } = written.properties ?? {}
  const { pattern, maxLength } = metadata?.properties?.['name'] ?? {}
  const bare: StructuralSchema = {
    type: 'object',
    description: namesOfKind[kind].description,
    properties: {
      apiVersion: { type: 'string', description: 'Version of this kind.' },
      kind: { type: 'string', description: 'The kind.' },
      metadata: {
        type: 'object',
        properties: {
          name: {
            type: 'string',
            ...(pattern === undefined ? {} : { pattern }),
            ...(maxLength === undefined ? {} : { maxLength }),
          },
        },
      },
      spec,
      status: {
        ...structuralSchema(jsonSchema(statusOfKind[kind]), `${kind}.status`),
        description: 'What the operator found; written by it alone.',
      },
    },
    ...(spec.default === undefined ? { required: ['spec'] } : {}),
  }
  return rulesOfKind[kind].reduce(withRule, bare)
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
}

function withRule(schema: StructuralSchema, rule: Rule): StructuralSchema {
  return put(schema, rule.at, rule)
}

/** @throws {RangeError} when the schema has no such place. */
function put(schema: StructuralSchema, path: readonly string[], rule: Rule): StructuralSchema {
  const [name, ...rest] = path
  if (name === undefined) {
    const rules = [...(schema['x-kubernetes-validations'] ?? []), validationOf(rule)]
    return { ...schema, 'x-kubernetes-validations': rules }
  }
  const child = name === '[]' ? schema.items : schema.properties?.[name]
  if (child === undefined) throw new RangeError(`no field ${rule.at.join('.')} for ${rule.cel}`)
  const changed = put(child, rest, rule)
  if (name === '[]') return { ...schema, items: changed }
  return { ...schema, properties: { ...schema.properties, [name]: changed } }
}

function validationOf({ cel, message, field, reason }: Rule): Validation {
  return {
    rule: cel,
    message,
    ...(field === undefined ? {} : { fieldPath: field }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Fields that `kubectl get --field-selector` may select by. */
const SELECTABLE: Partial<Record<Document['kind'], readonly string[]>> = {
  Shard: ['.spec.testnet', '.spec.cluster'],
  LoadTest: ['.spec.testnet'],
  Fault: ['.spec.testnet'],
}

/** The CustomResourceDefinition of a kind. */
export function customResourceOf(kind: Document['kind']): object {
  const { plural, shortNames } = namesOfKind[kind]
  const scale = {
    specReplicasPath: '.spec.shards',
    statusReplicasPath: '.status.shards',
    labelSelectorPath: '.status.selector',
  }
  const selectable = SELECTABLE[kind]?.map((jsonPath) => ({ jsonPath }))
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${API_GROUP}`,
      labels: { 'app.kubernetes.io/name': 'shardnet', 'app.kubernetes.io/component': 'crds' },
      // `helm uninstall` of this chart would delete every testnet with it.
      annotations: { 'helm.sh/resource-policy': 'keep' },
    },
    spec: {
      group: API_GROUP,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        categories: ['shardnet'],
        ...(shortNames.length > 0 ? { shortNames } : {}),
      },
      versions: [
        {
          name: API_VERSION_NAME,
          served: true,
          storage: true,
          additionalPrinterColumns: columnsOfKind[kind],
          ...(selectable === undefined ? {} : { selectableFields: selectable }),
          subresources: { status: {}, ...(kind === 'Testnet' ? { scale } : {}) },
          schema: { openAPIV3Schema: schemaOf(kind) },
        },
      ],
    },
  }
}
