import type { LedgerClient, Outcome } from './ledger-client.ts'
import type { Operation } from './linearizability.ts'
import type { Draws } from './random.ts'
import type { RegisterInput, RegisterOutput } from './register-model.ts'
import { Payer, type SigningNetwork } from './signer.ts'
import { TRANSFER_PAYERS } from './transfer-load.ts'

/** One operation on one cell, as the process that asked for it saw it. */
export type CellOperationSeen = Operation<RegisterInput, RegisterOutput>

/** How cells are used. */
export interface CellLoadOptions {
  readonly client: LedgerClient
  readonly network: SigningNetwork
  readonly shards: number
  readonly draws: Draws
}

/** Processes of each shard; each does one operation at a time. */
const PROCESSES = 8
const CELLS_PER_SHARD = 4
const VALID_FOR_HEIGHTS = 9_000

interface Process {
  readonly payer: Payer
  readonly name: string
  /** What it last knew to be in each cell. */
  readonly known: Map<string, string | null>
  count: number
}

interface Cell {
  readonly name: string
  readonly key: Uint8Array
  readonly history: MutableOperation[]
}

type MutableOperation = { -readonly [K in keyof CellOperationSeen]: CellOperationSeen[K] }

/**
 * Processes that put, compare-and-set and get a few shared cells, each as fast as its last operation is committed. Keeps the history of
 * every cell; an operation whose end nobody told stays open in it.
 */
export class CellLoad {
  /** Ends of operations that no operation on a cell may have. */
  readonly problems: string[] = []
  readonly #options: CellLoadOptions
  readonly #cells: readonly (readonly Cell[])[]
  readonly #processes: readonly Process[]
  #isRunning = false

  constructor(options: CellLoadOptions) {
    const { network, shards } = options
    this.#options = options
    this.#processes = Array.from({ length: shards }, (_, shard) =>
      Array.from({ length: PROCESSES }, (_process, index) => ({
        payer: new Payer(network, shard, TRANSFER_PAYERS + index),
        name: `${shard}.${index}`,
        known: new Map<string, string | null>(),
        count: 0,
      })),
    ).flat()
    this.#cells = Array.from({ length: shards }, (_, shard) => {
      const owner = new Payer(network, shard, TRANSFER_PAYERS)
      return Array.from({ length: CELLS_PER_SHARD }, (_cell, index) => {
        const name = `chaos ${shard}.${index}`
        return { name, key: owner.cell(name), history: [] }
      })
    })
  }

  /** By name of the cell. */
  get histories(): ReadonlyMap<string, readonly CellOperationSeen[]> {
    return new Map(this.#cells.flat().map(({ name, history }) => [name, history]))
  }

  start(): void {
    this.#isRunning = true
    for (const process of this.#processes) this.#next(process)
  }

  stop(): void {
    this.#isRunning = false
  }

  #next(process: Process): void {
    const { client, draws } = this.#options
    const { payer } = process
    const cells = this.#cells[payer.shard] ?? []
    const cell = cells[draws.whole(0, cells.length - 1)]
    if (!this.#isRunning || cell === undefined) return
    const input = this.#draw(process, cell)
    const operation: MutableOperation = {
      input,
      output: null,
      calledAt: performance.now(),
      returnedAt: Number.POSITIVE_INFINITY,
    }
    cell.history.push(operation)
    const validUntil = client.heightOf(payer.shard) + VALID_FOR_HEIGHTS
    client.submit(payer.shard, payer.onCell(bytesOf(cell.key, input), validUntil), (outcome) => {
      operation.returnedAt = performance.now()
      operation.output = this.#outputOf(input, outcome, cell.name)
      if (operation.output !== null)
        process.known.set(cell.name, knownAfter(input, operation.output))
      // In a turn of its own: whoever told us has more to tell first.
      setImmediate(() => this.#next(process))
    })
  }

  #draw(process: Process, { name }: Cell): RegisterInput {
    const drawn = this.#options.draws.fraction()
    if (drawn < 0.4) return { kind: 'get' }
    const value = `${process.name}.${process.count++}`
    if (drawn < 0.65) return { kind: 'put', value }
    return { kind: 'compareAndSet', expected: process.known.get(name) ?? null, value }
  }

  #outputOf(input: RegisterInput, outcome: Outcome, cell: string): RegisterOutput | null {
    const { result, read } = outcome
    if (input.kind === 'get' && result === 'OK' && read !== null)
      return { kind: 'read', value: textOf(read) }
    if (input.kind !== 'get' && result === 'OK') return { kind: 'done' }
    if (input.kind === 'compareAndSet' && result === 'CAS_MISMATCH') return { kind: 'mismatch' }
    this.problems.push(`a ${input.kind} on cell ${cell} ended with ${result}`)
    return null
  }
}

function bytesOf(cell: Uint8Array, input: RegisterInput) {
  switch (input.kind) {
    case 'get':
      return { kind: 'get', cell } as const
    case 'put':
      return { kind: 'put', cell, value: Buffer.from(input.value) } as const
    case 'compareAndSet': {
      const expected = Buffer.from(input.expected ?? '')
      return { kind: 'compareAndSet', cell, expected, value: Buffer.from(input.value) } as const
    }
  }
}

/** The empty value stands for a cell that does not exist. */
function textOf(read: string): string | null {
  return read === '' ? null : Buffer.from(read, 'hex').toString('utf8')
}

/** What a process believes to be in a cell after its operation; after a mismatch it knows only that it was wrong. */
function knownAfter(input: RegisterInput, output: RegisterOutput): string | null {
  if (output.kind === 'read') return output.value
  return input.kind !== 'get' && output.kind === 'done' ? input.value : null
}
