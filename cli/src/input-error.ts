/** What somebody typed or wrote cannot be used: every problem at once, one line each. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

/** One line about one flag. */
export function flagProblem(flag: string, expected: string, got: string): string {
  return `${flag}: expected ${expected}, got ${got}`
}
