import type {
  CommitEffect,
  CommitNotice,
  CommittedBlock,
  ExecutedBlock,
  ExecutedRoots,
  LogRecord,
  PeerMessage,
  ServeRequest,
} from '@shardnet/node/parts'
import type { ClientTransfer } from './client-transfer.ts'
import type { Frame } from './frame.ts'
import type { Machine } from './machine.ts'

/** Why a process ended by itself. */
export type StopReason =
  | { readonly kind: 'disk'; readonly code: string; readonly message: string }
  /** The replica found its promises broken. */
  | { readonly kind: 'halt'; readonly reason: string }
  /** An assertion of our own code failed. */
  | { readonly kind: 'defect'; readonly error: Error }

/** A block that one machine executed. */
export interface MachineExecution {
  readonly block: CommittedBlock
  readonly effect: CommitEffect
  readonly executed: ExecutedBlock
  readonly notice: CommitNotice
}

/** What a process starts with. */
export interface Restored {
  /** What the log holds durably, in order. */
  readonly records: readonly LogRecord[]
  /** Height of the ledger's checkpoint; 0 without one. */
  readonly height: number
  /** Roots of the last heights up to it. */
  readonly roots: readonly ExecutedRoots[]
}

/** What can be seen of an honest machine from outside: what it sends, writes down durably, commits, executes, promises, and how it ends. */
export interface MachineWatch {
  /** A process is up. */
  onBoot(machine: Machine, restored: Restored): void
  /** Bytes leave the machine; once per message, whoever it goes to. */
  onSent(machine: Machine, frame: Frame): void
  /** What the machine's log answers to a request; null: it does not have that. */
  onServed(machine: Machine, request: ServeRequest, answer: PeerMessage | null): void
  /** Records that a sync has just made durable, in order. */
  onDurable(machine: Machine, records: readonly LogRecord[]): void
  onCommit(machine: Machine, effect: CommitEffect): void
  onExecuted(machine: Machine, execution: MachineExecution): void
  /** The machine told its clients that it has these, durably. */
  onAcknowledged(machine: Machine, transfers: readonly ClientTransfer[]): void
  onStopped(machine: Machine, reason: StopReason): void
}
