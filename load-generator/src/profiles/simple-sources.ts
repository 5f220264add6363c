import type { DraftSource, Field, Fields, Profile, Settings, SourceContext } from './profile.ts'
import { simpleProfileNames, simpleProfiles, type SimpleProfileName } from './table.ts'

type UnionToIntersection<U> = (U extends unknown ? (union: U) => void : never) extends (
  both: infer Both,
) => void
  ? Both
  : never

/** Fields of all simple profiles; those that share a name are one field. */
export type SimpleFields = UnionToIntersection<(typeof simpleProfiles)[SimpleProfileName]['fields']>

/** All fields of all simple profiles, for profiles that mix them. */
// Two profiles that share a name of a field share the field: a test holds them to it.
export const simpleFields = Object.assign(
  {},
  ...simpleProfileNames.map((name) => simpleProfiles[name].fields),
) as SimpleFields

/** The source of each simple profile, in the order of their names, each with its own chance. */
export function simpleSources(
  settings: Readonly<Record<string, unknown>>,
  context: SourceContext,
): readonly DraftSource[] {
  return simpleProfileNames.map((name) => {
    const profile: Profile = simpleProfiles[name]
    return profile.source(settingsFor(profile.fields, settings), context)
  })
}

/** Longest payload of any simple profile. */
export function simplePayloadBytesMax(
  names: readonly SimpleProfileName[],
  settings: Readonly<Record<string, unknown>>,
): number {
  const most = names.map((name) => {
    const profile: Profile = simpleProfiles[name]
    return profile.payloadBytesMax(settingsFor(profile.fields, settings))
  })
  return Math.max(0, ...most)
}

/** The settings of some fields: those given, the fallback for the others. */
export function settingsFor<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
): Settings<F> {
  const entries = Object.entries<Field>(fields).map(
    ([name, field]) => [name, given[name] ?? field.resolve(field.fallback)] as const,
  )
  // Every field has an entry of what it resolves to.
  return Object.fromEntries(entries) as Settings<F>
}
