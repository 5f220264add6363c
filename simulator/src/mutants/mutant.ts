/** One line of the real source that becomes another one. */
export interface Edit {
  /** Below node/src. */
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** A bug made on purpose. Where two guards stand one behind the other, it takes both away. */
export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Takes more seeds than a gate has: hunted at night. */
  readonly isRare?: boolean
}

/** What became of a mutant. */
export interface MutantResult {
  readonly name: string
  /** The promise that a checker found broken; null when the mutant survived. */
  readonly catcher: string | null
  readonly message: string
  /** Seeds until then. */
  readonly seeds: number
  readonly seconds: number
}
