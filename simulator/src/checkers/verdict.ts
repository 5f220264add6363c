/** A promise that was broken. */
export interface Violation {
  /** Id and name, as in docs/reliability.md. */
  readonly invariant: string
  readonly message: string
  readonly atMs: number
}

/** Collects what checkers find; a world stops at the first finding, because everything behind it may follow from it. */
export class Verdict {
  readonly violations: Violation[] = []
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  get isClean(): boolean {
    return this.violations.length === 0
  }

  report(invariant: string, message: string): void {
    this.violations.push({ invariant, message, atMs: this.#nowMs() })
  }

  check(condition: boolean, invariant: string, message: () => string): void {
    if (!condition) this.report(invariant, message())
  }
}
