import { batchVectors, blockVectors, certificateVectors } from './block-vectors.ts'
import { cellVectors } from './cell-vectors.ts'
import { jsonOf, jsonText } from './json-form.ts'
import { clientStreamVectors, logRecordVectors, peerMessageVectors } from './message-vectors.ts'
import { commitEventVectors, crossShardVectors, stateVectors } from './shard-vectors.ts'
import { genesisVectors, transactionVectors } from './transaction-vectors.ts'
import type { VectorFile } from './vector-file.ts'

/** Every file of docs/vectors by its name, as the code makes it now. */
export function allVectors(): Readonly<Record<string, VectorFile>> {
  return {
    'batch.json': batchVectors(),
    'block.json': blockVectors(),
    'cell.json': cellVectors(),
    'certificate.json': certificateVectors(),
    'client-stream.json': clientStreamVectors(),
    'commit-event.json': commitEventVectors(),
    'cross-shard.json': crossShardVectors(),
    'genesis.json': genesisVectors(),
    'log-record.json': logRecordVectors(),
    'peer-message.json': peerMessageVectors(),
    'state.json': stateVectors(),
    'transaction.json': transactionVectors(),
  }
}

/** The text of a vector file. */
export function vectorText(file: VectorFile): string {
  return jsonText(jsonOf(file))
}
