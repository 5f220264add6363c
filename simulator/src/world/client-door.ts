import { hash } from 'node:crypto'
import { joinBytes, type Hash, type Input } from '@shardnet/node/parts'
import type { ClientTransfer } from './client-transfer.ts'

/** What the door needs of the process around it. */
export interface DoorPorts {
  /** Batches that the replica would take now. */
  room(): number
  pack(input: Extract<Input, { kind: 'packed' }>): void
  acknowledged(transfers: readonly ClientTransfer[]): void
}

const WAITING_MAX = 256

/** Where clients hand in transfers: gathers them, packs them when the replica has room, and acknowledges what is durable. */
export class ClientDoor {
  readonly #ports: DoorPorts
  readonly #bytesMax: number
  readonly #waiting: ClientTransfer[] = []
  /** Handed to the replica and not yet on disk, in order. */
  readonly #unlogged: ClientTransfer[][] = []

  constructor(ports: DoorPorts, bytesMax: number) {
    this.#ports = ports
    this.#bytesMax = bytesMax
  }

  submit(transfers: readonly ClientTransfer[]): void {
    for (const transfer of transfers)
      if (this.#waiting.length < WAITING_MAX) this.#waiting.push(transfer)
    this.tryPack()
  }

  /** Packs while the replica has room. */
  tryPack(): void {
    while (this.#waiting.length > 0 && this.#ports.room() > 0) {
      const packed = this.#take()
      const body = joinBytes(packed.map(({ bytes }) => bytes))
      const bodyHash = hash('sha256', body, 'hex') as Hash
      this.#unlogged.push(packed)
      this.#ports.pack({ kind: 'packed', body, bodyHash, count: packed.length })
    }
  }

  onBatchLogged(): void {
    const packed = this.#unlogged.shift()
    if (packed !== undefined) this.#ports.acknowledged(packed)
  }

  #take(): ClientTransfer[] {
    let bytes = 0
    let count = 0
    for (const transfer of this.#waiting) {
      bytes += transfer.bytes.length
      if (count > 0 && bytes > this.#bytesMax) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}
