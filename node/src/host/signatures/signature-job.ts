import { mustHold } from '../../core/errors.ts'

/** Words of one row: key offset, signature offset, message offset, message length; offsets and length in bytes of the arena. */
export const ROW_WORDS = 4

/** Signatures to check: each row's is over `prefix ‖ message`, and its parts lie in `bytes`, which may be shared memory. */
export type SignatureJob = {
  readonly prefix: Uint8Array
  readonly bytes: Uint8Array
  readonly rows: Uint32Array
  /**
   * `each`, the default, finds exactly the wrong rows. `all` is for bytes that one wrong row spoils: it then refuses every
   * row and searches for none, so that a forged batch costs no more than an honest one.
   */
  readonly verdict?: 'each' | 'all'
}

/** How many signatures a job holds; a defect when the rows are not whole. */
export function rowCount(job: SignatureJob): number {
  mustHold(job.rows.length % ROW_WORDS === 0, 'signature rows have four words each')
  return job.rows.length / ROW_WORDS
}
