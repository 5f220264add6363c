import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDocument, hasProblems } from '../../src/api/document.ts'
import { rulesOfKind } from '../../src/api/rules.ts'
import { problemsOfChange } from '../../src/plan/change.ts'
import { type StructuralSchema } from '../../src/crd/structural-schema.ts'
import {
  customResourceOf,
  invalidDocuments,
  namesOfKind,
  validDocument,
} from '../../src/crd/door.ts'
import { Testnet } from '../../src/api/door.ts'

const kinds = ['Testnet', 'Shard', 'LoadTest', 'Fault', 'Cluster'] as const

interface Version {
  readonly schema: { readonly openAPIV3Schema: StructuralSchema }
  readonly subresources: { readonly scale?: object }
  readonly additionalPrinterColumns: readonly {
    readonly name: string
    readonly priority?: number
  }[]
}

function versionOf(kind: (typeof kinds)[number]): Version {
  const { spec } = customResourceOf(kind) as { spec: { versions: [Version] } }
  return spec.versions[0]
}

function walk(
  schema: StructuralSchema,
  path: string,
  visit: (at: StructuralSchema, path: string) => void,
) {
  visit(schema, path)
  if (schema.items !== undefined) walk(schema.items, `${path}[]`, visit)
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    walk(child, `${path}.${name}`, visit)
  }
}

test('every field has a type, a bound where it could grow, and words for kubectl explain', () => {
  for (const kind of kinds) {
    walk(versionOf(kind).schema.openAPIV3Schema, kind, (schema, path) => {
      assert.ok(schema.type !== undefined, `${path} has a type`)
      if (path.includes('.metadata')) return
      const isListed = schema.enum !== undefined || schema.format === 'date-time'
      const isText = schema.type === 'string' && !isListed && !/\.(apiVersion|kind)$/.test(path)
      if (isText) assert.ok(schema.maxLength !== undefined, `${path} is bounded`)
      if (schema.type === 'array') assert.ok(schema.maxItems !== undefined, `${path} is bounded`)
      if (!path.endsWith('[]')) assert.ok(schema.description, `${path} is described`)
    })
  }
})

test('the columns are those that people know, and scale works on shards', () => {
  const shown = (kind: (typeof kinds)[number]) =>
    versionOf(kind)
      .additionalPrinterColumns.filter(({ priority }) => priority === undefined)
      .map(({ name }) => name)
      .join(' ')
  assert.equal(shown('Testnet'), 'Shards Validators Ready TPS P99 Height Cost/h Age')
  assert.equal(shown('Shard'), 'Testnet Shard Cluster Ready Height TPS Lag Age')
  assert.equal(shown('LoadTest'), 'Testnet Rate Committed P50 P99 Verdict Age')
  assert.deepEqual(namesOfKind.Testnet.shortNames, ['tn'])
  assert.deepEqual(versionOf('Testnet').subresources.scale, {
    specReplicasPath: '.spec.shards',
    statusReplicasPath: '.status.shards',
    labelSelectorPath: '.status.selector',
  })
})

test('the least document of each kind is valid here too', () => {
  for (const kind of kinds) {
    const found = checkDocument(validDocument(kind))
    assert.ok(!hasProblems(found), `${kind}: ${JSON.stringify(found)}`)
  }
})

test('what the API server has to refuse is refused by the file reader as well, at the same field', () => {
  let count = 0
  for (const kind of kinds) {
    for (const { title, object, before, field } of invalidDocuments(kind)) {
      if (before !== undefined) continue
      const found = checkDocument(object)
      assert.ok(hasProblems(found), `accepted here: ${title}`)
      const paths = found.map(({ path }) => path)
      assert.ok(
        paths.some(
          (path) => path === field || path.startsWith(`${field}[`) || path.startsWith(`${field}.`),
        ),
        `${title}: ${paths.join(', ')}`,
      )
      count += 1
    }
  }
  assert.ok(count > 350, `${count} wrong documents`)
})

test('no rule is without a document that breaks it, and every change that is forbidden is told locally', () => {
  for (const kind of kinds) {
    const broken = invalidDocuments(kind).filter(({ title }) => title.includes(': rule '))
    assert.equal(broken.length, rulesOfKind[kind].length)
  }
  const changes = invalidDocuments('Testnet').filter(({ before }) => before !== undefined)
  for (const { before, object, field } of changes) {
    // Disks of a laptop have no size of their own.
    if (field === 'spec.storage.size') continue
    const problems = problemsOfChange(Testnet.parse(before), Testnet.parse(object))
    assert.deepEqual(
      problems.map(({ path }) => path),
      [field],
    )
  }
})
