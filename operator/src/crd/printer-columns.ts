import type { Document } from '../api/document.ts'

/** A column of `kubectl get`. With priority 1 it shows with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string
  readonly type: 'integer' | 'string' | 'date'
  readonly jsonPath: string
  readonly priority?: 1
  readonly description?: string
}

const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }

function text(name: string, jsonPath: string): PrinterColumn {
  return { name, type: 'string', jsonPath }
}

function number(name: string, jsonPath: string): PrinterColumn {
  return { name, type: 'integer', jsonPath }
}

function wide(column: PrinterColumn): PrinterColumn {
  return { ...column, priority: 1 }
}

/** Why an object is not as it should be: the message of one of its conditions. */
function because(type: string): PrinterColumn {
  return wide(text('Message', `.status.conditions[?(@.type=="${type}")].message`))
}

/** The columns of each kind, left to right. */
export const columnsOfKind: Readonly<Record<Document['kind'], readonly PrinterColumn[]>> = {
  Testnet: [
    number('Shards', '.spec.shards'),
    number('Validators', '.status.validators'),
    text('Ready', '.status.ready'),
    number('TPS', '.status.committedPerSecond'),
    text('P99', '.status.p99'),
    number('Height', '.status.height'),
    text('Cost/h', '.status.costPerHour'),
    age,
    wide(number('Generation', '.status.generation')),
    wide(text('Image', '.status.image')),
    wide(text('Network', '.status.networkId')),
    because('Ready'),
  ],
  Shard: [
    text('Testnet', '.spec.testnet'),
    number('Shard', '.spec.shard'),
    text('Cluster', '.spec.cluster'),
    text('Ready', '.status.ready'),
    number('Height', '.status.height'),
    number('TPS', '.status.committedPerSecond'),
    number('Lag', '.status.lag'),
    age,
    wide(number('Generation', '.spec.network.generation')),
    wide(text('P99', '.status.p99')),
    because('Ready'),
  ],
  LoadTest: [
    text('Testnet', '.spec.testnet'),
    number('Rate', '.status.rate'),
    number('Committed', '.status.committedPerSecond'),
    text('P50', '.status.p50'),
    text('P99', '.status.p99'),
    text('Verdict', '.status.verdict'),
    age,
    wide(number('Generators', '.status.generators')),
    wide(text('Result', '.status.result')),
    because('Succeeded'),
  ],
  Fault: [
    text('Testnet', '.spec.testnet'),
    text('Action', '.spec.action'),
    number('Targets', '.status.count'),
    text('State', '.status.state'),
    text('For', '.spec.for'),
    age,
    because('Succeeded'),
  ],
  Cluster: [
    text('Cloud', '.spec.cloud'),
    text('Region', '.spec.region'),
    text('Ready', '.status.conditions[?(@.type=="Ready")].status'),
    number('Validators', '.status.validators'),
    number('Capacity', '.spec.capacity.validators'),
    age,
    wide(text('Version', '.status.version')),
    because('Ready'),
  ],
}
