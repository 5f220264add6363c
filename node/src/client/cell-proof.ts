import { readCellProof, type CellProof } from '../core/ledger/cell-proof.ts'
import { decodeWith, type Decoded } from '../core/primitives/byte-reader.ts'

/** Reads the bytes that `proof` of shardnet_getCell is the hexadecimal text of; checks their form only. */
export function decodeCellProof(bytes: Uint8Array): Decoded<CellProof> {
  return decodeWith(bytes, readCellProof)
}
