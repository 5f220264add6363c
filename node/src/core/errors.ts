/** Our own mistake: the process must stop, because going on could break a promise. Never caught below the process edge. */
export class Defect extends Error {
  override readonly name = 'Defect'
}

/** Asserts an invariant of our own code, also in production. */
export function mustHold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Defect(what)
}

/** Returns the value that our own bookkeeping promises to be there. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Defect(what)
  return value
}
