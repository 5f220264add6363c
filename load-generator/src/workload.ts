import { z } from 'zod'
import { mix } from './profiles/mix.ts'
import type {
  AccountSpace,
  DraftSource,
  Field,
  Fields,
  Profile,
  Settings,
  Written,
} from './profiles/profile.ts'
import { settingsFor } from './profiles/simple-sources.ts'
import { simpleProfiles } from './profiles/table.ts'
import { trace } from './profiles/trace.ts'
import type { Trace } from './trace.ts'

/** Every profile by its name in a document. */
const profiles = { ...simpleProfiles, mix, trace } as const
export type ProfileName = keyof typeof profiles

/** Names of all profiles. */
// The keys of a constant object are what its type says.
export const profileNames = Object.keys(profiles) as readonly ProfileName[]

/** One line about a profile, for help and documents. */
export function profileSummary(name: ProfileName): string {
  return profiles[name].summary
}

// `mix` and `trace` have the fields of all others.
type AllFields = (typeof mix)['fields'] & (typeof trace)['fields']
const allFields: AllFields = { ...mix.fields, ...trace.fields }

const commonFields = {
  fee: z.int().min(0).max(1_000_000).default(1).describe('Fee of each transaction.'),
  validityHeights: z
    .int()
    .min(20)
    .max(9_000)
    .default(1_200)
    .describe('Heights of its shard during which a transaction may execute.'),
  seed: z.int().min(0).default(1).describe('The same seed draws the same transactions.'),
}

const profileText = profileNames.map((name) => `${name}: ${profileSummary(name)}`).join('; ')

const Flat = z.strictObject({
  profile: z
    .enum(profileNames)
    .default('payments')
    .describe(`What is sent. ${profileText}. A field of another profile is refused.`),
  ...optional(allFields),
  ...commonFields,
})
type Flat = z.infer<typeof Flat>

type OptionalShape = {
  readonly [Name in keyof AllFields]: z.ZodOptional<AllFields[Name]['schema']>
}

function optional(fields: AllFields): OptionalShape {
  const entries = Object.entries<Field>(fields).map(
    ([name, { schema }]) => [name, schema.optional().describe(schema.description ?? '')] as const,
  )
  // Each field's own schema, made optional.
  return Object.fromEntries(entries) as unknown as OptionalShape
}

/**
 * What is sent, as a `LoadTest` says it: one flat group of fields, because resources of Kubernetes cannot choose among
 * groups. Fields of the chosen profile that are left out get their fallback; those of others are refused.
 */
export const WorkloadSpec = Flat.superRefine(checkFields, { when: () => true }).transform(completed)
export type WorkloadSpec = z.infer<typeof WorkloadSpec>

/** Looks at fields that may be wrong by themselves as well, so that all problems are told together. */
function checkFields(
  flat: Readonly<Record<string, unknown>> | null,
  context: z.RefinementCtx,
): void {
  if (flat === null) return
  const problem = (name: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [name], message, input: flat[name] })
  const name = profileNames.find((each) => each === flat['profile'])
  if (name === undefined) return
  const own: Fields = profiles[name].fields
  for (const field of Object.keys(allFields)) {
    if (flat[field] !== undefined && !Object.hasOwn(own, field))
      problem(field, `expected no ${field} with profile ${name}`)
  }
  if (name === 'trace' && flat['file'] === undefined)
    problem('file', 'expected the name of a CSV file')
  const { blobBytesMin: least, blobBytesMax: most } = flat
  if (typeof least === 'number' && typeof most === 'number' && least > most)
    problem('blobBytesMin', `expected at most ${most}, the value of blobBytesMax`)
}

function completed(flat: Flat): Flat {
  const { profile, fee, validityHeights, seed, ...given } = flat
  const own: Fields = profiles[profile].fields
  const fallbacks = Object.entries<Field>(own).map(([name, field]) => [name, field.fallback])
  // The fields of the profile, given or not; what was given was checked.
  const settings = { ...Object.fromEntries(fallbacks), ...defined(given) } as Partial<
    Written<AllFields>
  >
  return { profile, ...settings, fee, validityHeights, seed }
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** What is sent, ready to draw from. Settings of the profile that are left out are at their fallback. */
export type Workload = Partial<Settings<AllFields>> & {
  readonly profile: ProfileName
  readonly fee: number
  readonly validityHeights: number
  readonly seed: number
  /** Rows of the file of the profile `trace`. */
  readonly trace?: Trace
}

/** The workload of a checked specification. The rows of a trace are the caller's to add. */
export function workloadOf(spec: WorkloadSpec): Workload {
  const { profile, fee, validityHeights, seed, ...written } = spec
  const settings = Object.entries(defined(written)).map(([name, value]) => {
    const field: Field | undefined = Object.hasOwn(allFields, name)
      ? Object.entries<Field>(allFields).find(([each]) => each === name)?.[1]
      : undefined
    return [name, field === undefined ? value : field.resolve(value)] as const
  })
  return { profile, fee, validityHeights, seed, ...Object.fromEntries(settings) }
}

/** The settings that the profile of a workload reads, by name. */
export function settingsOf(workload: Workload): Readonly<Record<string, unknown>> {
  const profile: Profile = profiles[workload.profile]
  return settingsFor(profile.fields, workload)
}

/** The generator of a workload, at its start. */
export function sourceOf(workload: Workload, space: AccountSpace): DraftSource {
  const profile: Profile = profiles[workload.profile]
  const context = { seed: workload.seed, space, trace: workload.trace ?? null }
  return profile.source(settingsOf(workload), context)
}

/** Longest payload that a workload makes. */
export function payloadBytesMaxOf(workload: Workload): number {
  const profile: Profile = profiles[workload.profile]
  return profile.payloadBytesMax(settingsOf(workload))
}
