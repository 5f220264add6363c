import { must, mustHold } from '@shardnet/node/core'

const SLOT_BYTES_MIN = 192
const GRAIN_BYTES = 64
/** Sizes grow by a quarter: at most a fifth of a slot is left empty, and there are about thirty sizes. */
const GROWTH = 1.25
const CHUNK_BYTES = 262_144

interface SizeClass {
  readonly slotBytes: number
  readonly slotsPerChunk: number
  readonly chunks: Uint8Array[]
  readonly free: number[]
}

/** A place in a slab. */
export interface SlabPlace {
  readonly sizeClass: number
  readonly slot: number
}

/**
 * Memory for byte strings of very different lengths that come and go, bounded in total: slots of a few sizes, each reused
 * as soon as it is given back. Nothing is allocated per string once the slab is warm.
 */
export class ByteSlab {
  readonly #classes: readonly SizeClass[]
  /** Size class by length in grains. */
  readonly #classOf: Uint8Array
  readonly #bytesMax: number
  #bytes = 0

  /** `lengthMax`: longest string; `bytesMax`: memory that is taken at most, one chunk of each used size always. */
  constructor(lengthMax: number, bytesMax: number) {
    this.#classes = classesUpTo(lengthMax)
    this.#bytesMax = bytesMax
    this.#classOf = new Uint8Array(Math.ceil(lengthMax / GRAIN_BYTES) + 1)
    let sizeClass = 0
    for (let grains = 0; grains < this.#classOf.length; grains++) {
      while ((this.#classes[sizeClass]?.slotBytes ?? 0) < grains * GRAIN_BYTES) sizeClass += 1
      this.#classOf[grains] = sizeClass
    }
  }

  hasRoomFor(length: number): boolean {
    const each = this.#classAt(this.#sizeClassOf(length))
    return each.free.length > 0 || each.chunks.length === 0 || this.#bytes < this.#bytesMax
  }

  /** Size class of a string of that length. */
  #sizeClassOf(length: number): number {
    return must(
      this.#classOf[Math.ceil(length / GRAIN_BYTES)],
      'a length that the slab was made for',
    )
  }

  /** Copies the string at `offset` of `bytes`. Ask `hasRoomFor` before. */
  put(bytes: Uint8Array, offset: number, length: number): SlabPlace {
    mustHold(this.hasRoomFor(length), 'a full slab takes nothing')
    const sizeClass = this.#sizeClassOf(length)
    const each = this.#classAt(sizeClass)
    if (each.free.length === 0) this.#grow(each)
    const slot = must(each.free.pop(), 'a slab that grew has a free slot')
    const chunk = must(each.chunks[Math.floor(slot / each.slotsPerChunk)], 'a slot lies in a chunk')
    chunk.set(bytes.subarray(offset, offset + length), (slot % each.slotsPerChunk) * each.slotBytes)
    return { sizeClass, slot }
  }

  /** A view of the first bytes of a slot, valid until it is given back. */
  view(sizeClass: number, slot: number, length: number): Uint8Array {
    const each = this.#classAt(sizeClass)
    const chunk = must(each.chunks[Math.floor(slot / each.slotsPerChunk)], 'a slot lies in a chunk')
    const start = (slot % each.slotsPerChunk) * each.slotBytes
    return chunk.subarray(start, start + length)
  }

  giveBack(sizeClass: number, slot: number): void {
    this.#classAt(sizeClass).free.push(slot)
  }

  #classAt(sizeClass: number): SizeClass {
    return must(this.#classes[sizeClass], 'a size class of this slab')
  }

  #grow(each: SizeClass): void {
    const first = each.chunks.length * each.slotsPerChunk
    const chunk = new Uint8Array(each.slotsPerChunk * each.slotBytes)
    each.chunks.push(chunk)
    this.#bytes += chunk.length
    for (let slot = first + each.slotsPerChunk - 1; slot >= first; slot--) each.free.push(slot)
  }
}

function classesUpTo(lengthMax: number): readonly SizeClass[] {
  const classes: SizeClass[] = []
  let slotBytes = SLOT_BYTES_MIN
  for (;;) {
    const slotsPerChunk = Math.max(1, Math.floor(CHUNK_BYTES / slotBytes))
    classes.push({ slotBytes, slotsPerChunk, chunks: [], free: [] })
    if (slotBytes >= lengthMax) return classes
    slotBytes = Math.ceil((slotBytes * GROWTH) / GRAIN_BYTES) * GRAIN_BYTES
  }
}
