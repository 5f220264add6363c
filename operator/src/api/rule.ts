/**
 * A rule over several fields, or over a field and its old value. The API server runs `cel`; on a laptop the checks of the
 * kind's schema say the same, and a test shows that `broken` is refused by both.
 */
export interface Rule {
  /** Where it stands: names from the object's root, `[]` for each entry of a list. */
  readonly at: readonly string[]
  /** In CEL; `self` is the value at `at`, `oldSelf` what it was. */
  readonly cel: string
  /** What is expected, and what to do. */
  readonly message: string
  /** The field below `at` that is to blame, such as `.viewTimeoutMs`. */
  readonly field?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired'
  /** A specification that breaks this rule and no other; with `before` where the rule is about a change. */
  readonly broken: { readonly before?: object; readonly spec: object }
}
