/**
 * The least fee that a transaction must pay to bring a cell into being: a cell takes room on every validator for ever. Writing
 * to one that exists costs nothing beyond what the payer offers.
 */
export const CELL_CREATION_FEE = 100

/**
 * Cells of a shard. With its key, hashes and places in the indices a cell takes 262 bytes, so all of them are at most 17 MB of a
 * validator's memory, and 11 MB of its checkpoint.
 */
export const CELLS_MAX = 65_536
