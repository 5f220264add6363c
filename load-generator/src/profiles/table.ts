import { blob } from './blob.ts'
import { cells } from './cells.ts'
import { hotAccount } from './hot-account.ts'
import { payments } from './payments.ts'

/**
 * The profiles that draw by themselves; `mix` and `trace` choose among them. A new profile is a file and a line here:
 * document, command line, mixes and traces follow.
 */
export const simpleProfiles = { payments, 'hot-account': hotAccount, cells, blob } as const
export type SimpleProfileName = keyof typeof simpleProfiles

/** Their names, in the order of the table: a trace holds places in this list. */
// The keys of a constant object are what its type says.
export const simpleProfileNames = Object.keys(simpleProfiles) as readonly SimpleProfileName[]
