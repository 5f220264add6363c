import type { z } from 'zod'
import { transactionKind } from '@shardnet/node/core'
import type { Trace } from '../trace.ts'

/** The accounts that a workload may draw from. */
export interface AccountSpace {
  readonly shards: number
  readonly accountsPerShard: number
}

const { transfer, put, compareAndSet, get } = transactionKind
/** What a transaction does, by the number that it has on the wire. */
export const draftKind = { transfer, put, compareAndSet, get } as const
export type DraftKind = (typeof draftKind)[keyof typeof draftKind]

/** One transaction as drawn: who does what, before nonce, validity and signature. */
export interface Draft {
  readonly kind: DraftKind
  readonly payerShard: number
  readonly payerIndex: number
  /** Of a transfer; the payer's own else. */
  readonly payeeShard: number
  readonly payeeIndex: number
  /** Of a transfer; 0 else. */
  readonly amount: number
  /** Number of the cell among those of the payer's shard; 0 for a transfer. */
  readonly cell: number
  /** What a cell is to hold, 1 or more; 0 when nothing is written. */
  readonly value: number
  /** What a compareAndSet expects; 0 for a cell that does not exist yet. */
  readonly expected: number
  readonly payloadBytes: number
  /** Chooses the payload's bytes. */
  readonly salt: number
}

/** Gives out transactions one after the other: a function of its settings, seed, and how many came before. */
export interface DraftSource {
  /** `scheduledMs`: when the transaction is to be sent, after the start of the run. */
  next(scheduledMs: number): Draft
}

/** A field of a workload document that belongs to some of the profiles. */
export interface Field<Written = unknown, Resolved = unknown> {
  /** With its description; the fallback is told there. */
  readonly schema: z.ZodType<Written>
  readonly fallback: Written
  resolve(written: Written): Resolved
}
export type Fields = Readonly<Record<string, Field>>

/** What people write in the fields. */
export type Written<F extends Fields> = { readonly [Name in keyof F]: F[Name]['fallback'] }
/** The fields, ready to use. */
export type Settings<F extends Fields> = {
  readonly [Name in keyof F]: ReturnType<F[Name]['resolve']>
}

/** What a source is made from, beside the settings of its profile. */
export interface SourceContext {
  readonly seed: number
  readonly space: AccountSpace
  /** Of the profile `trace`. */
  readonly trace: Trace | null
}

/** One kind of load, as data and one pure generator. */
export interface Profile<F extends Fields = Fields> {
  readonly summary: string
  readonly fields: F
  source(settings: Settings<F>, context: SourceContext): DraftSource
  /** Longest payload that it makes. */
  payloadBytesMax(settings: Settings<F>): number
}

/** Lets the compiler work out the fields. */
export function profileOf<F extends Fields>(profile: Profile<F>): Profile<F> {
  return profile
}
