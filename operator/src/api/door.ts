export { Cluster } from './cluster.ts'
export { checkDocument, type Document, hasProblems } from './document.ts'
export { API_VERSION, durationMs, quantityBytes } from './field.ts'
export { Fault, FaultPlan } from './fault.ts'
export { faultText } from './fault-text.ts'
export { jsonSchemaOf } from './json-schema.ts'
export { LoadTest } from './load-test.ts'
export {
  DocumentError,
  type DocumentProblem,
  parseDocuments,
  problemText,
  type Sourced,
} from './parse-documents.ts'
export {
  DEFAULT_NAME,
  defaultLoadTest,
  defaultTestnet,
  parseFaults,
  parseLoadTest,
  parseRunDocuments,
  type RunDocuments,
} from './run-documents.ts'
export { Shard } from './shard.ts'
export { Testnet } from './testnet.ts'
