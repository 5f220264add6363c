interface Mark {
  readonly end: number
  readonly height: number
}

/** Marks kept per destination; beyond that every second one goes, and an age is known only to within its neighbours. */
const MARKS_MAX = 1024

/** How old the oldest message is that its shard has not acknowledged, in heights of this shard. Ages begin anew with the process. */
export class OutboxAges {
  readonly #marks: Mark[][]

  constructor(shards: number) {
    this.#marks = Array.from({ length: shards }, () => [])
  }

  /** After a block: messages sent to the destination so far, those of the block included. */
  note(destination: number, height: number, end: number): void {
    const marks = this.#marks[destination] ?? []
    if (end === 0 || marks.at(-1)?.end === end) return
    marks.push({ end, height })
    if (marks.length > MARKS_MAX)
      // The first mark stays: it is the one that an age is read from.
      this.#marks[destination] = marks.filter((_, index) => index % 2 === 0)
  }

  /** Heights since the oldest message at or above `acknowledged` was sent; 0 when there is none. */
  ageOf(destination: number, height: number, acknowledged: number): number {
    const marks = this.#marks[destination] ?? []
    while (marks[0] !== undefined && marks[0].end <= acknowledged) marks.shift()
    return marks[0] === undefined ? 0 : height - marks[0].height
  }
}
