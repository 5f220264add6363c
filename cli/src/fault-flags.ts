import { API_VERSION, checkDocument, type FaultPlan, hasProblems } from '@shardnet/operator/api'
import { InputError } from './input-error.ts'

/** What people type to describe a fault; text as it came. */
export interface FaultFlags {
  readonly shard?: string
  readonly validator?: string
  readonly role?: string
  readonly at?: string
  readonly for?: string
  readonly latency?: string
  readonly jitter?: string
  readonly share?: string
  readonly bytesPerSecond?: string
  readonly direction?: string
}

/** The flag that sets a field; problems are told by what was typed. */
const flagOfField: Readonly<Record<string, string>> = {
  shards: '--shard',
  validators: '--validator',
  role: '--role',
  at: '--at',
  for: '--for',
  latency: '--latency',
  jitter: '--jitter',
  share: '--share',
  bytesPerSecond: '--bytes-per-second',
  direction: '--direction',
}

const roleOfWord: Readonly<Record<string, string>> = {
  proposer: 'Proposer',
  minority: 'FaultyMinority',
}

/**
 * The fault that flags describe.
 * @throws {InputError} with every problem of the flags.
 */
export function faultOf(action: string, testnet: string, flags: FaultFlags): FaultPlan {
  const { role, direction } = flags
  const found = checkDocument({
    apiVersion: API_VERSION,
    kind: 'Fault',
    metadata: { name: 'typed' },
    spec: {
      testnet,
      action,
      selector: {
        ...listField('shards', flags.shard),
        ...listField('validators', flags.validator),
        ...(role === undefined ? {} : { role: roleOfWord[role] ?? role }),
      },
      at: flags.at,
      for: flags.for,
      latency: flags.latency,
      jitter: flags.jitter,
      share: flags.share,
      bytesPerSecond: flags.bytesPerSecond,
      ...(direction === undefined ? {} : { direction: capitalised(direction) }),
    },
  })
  if (hasProblems(found)) {
    throw new InputError(
      found.map(({ path, expected, got }) => {
        const field = path.replace(/^spec\.(selector\.)?/, '').replace(/\[\d+\]$/, '')
        const told = field === 'role' ? 'one of proposer, minority' : expected
        return `${flagOfField[field] ?? path}: expected ${told}, got ${got}`
      }),
    )
  }
  if (found.kind !== 'Fault') throw new InputError(['a fault was expected'])
  const { testnet: _, ...plan } = found.spec
  return plan
}

/** Numbers apart by commas; what is none stays text, for the schema to say what it expected. */
function listField(field: string, text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {}
  const each = text.split(',').map((part) => (/^[0-9]{1,9}$/.test(part) ? Number(part) : part))
  return { [field]: each }
}

function capitalised(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
}
