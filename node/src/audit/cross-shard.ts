import { equalBytes } from '../core/primitives/bytes.ts'
import type { PairState } from '../core/wire/import-bundle.ts'
import type { Chain } from './chain.ts'
import type { FindingLog } from './finding-log.ts'
import type { Replay } from './replay.ts'
import type { SupplyReport } from './report.ts'
import type { BookedImport, ShardBook } from './shard-book.ts'

/** One shard after its replay. */
export interface ReplayedShard {
  readonly book: ShardBook
  readonly chain: Chain
  readonly replay: Replay
  /** False when something was missing and the replay ended before the chain. */
  readonly isWhole: boolean
}

/** Every bundle that some log holds says what its source really committed and sent. */
export function checkImports(shards: readonly ReplayedShard[], findings: FindingLog): void {
  for (const { book } of shards) {
    for (const bundle of book.imports.values()) {
      const source = shards[bundle.header.shard]
      if (source !== undefined)
        checkImport(bundle, { source, destination: book.rules.shard, findings })
    }
  }
}

interface ImportContext {
  readonly source: ReplayedShard
  readonly destination: number
  readonly findings: FindingLog
}

function checkImport(bundle: BookedImport, { source, destination, findings }: ImportContext): void {
  const { header, headerHash, first, count, validator } = bundle
  const name = `import ${first} + ${count} of shard ${header.shard}`
  const at = { shard: destination, validator }
  const isCommitted =
    source.book.ballots.isCertified(['commit'], header.view, headerHash) &&
    source.chain.blocks[header.height - 1]?.hash === headerHash
  if (!isCommitted) {
    const message = `${name}: header ${headerHash} is not on the source's committed chain`
    findings.add({ code: 'importUncommitted', ...at, message })
  }
  const pair = source.replay.pairAt(header.executed.height, destination)
  if (pair === null || !isSamePair(pair, bundle.pair)) {
    const message = `${name}: the source's pair at executed height ${header.executed.height} is another`
    findings.add({ code: 'importNotSent', ...at, message })
  }
  const sent = source.replay.channels[destination]?.sent.leaves(first, count)
  if (sent === undefined || !equalBytes(sent, bundle.leaves)) {
    findings.add({
      code: 'importNotSent',
      ...at,
      message: `${name}: the source sent other messages at these places`,
    })
  }
}

function isSamePair(a: PairState, b: PairState): boolean {
  return (
    a.accumulator === b.accumulator &&
    a.outSequence === b.outSequence &&
    a.inNext === b.inNext &&
    a.totalOut === b.totalOut &&
    a.totalIn === b.totalIn
  )
}

/**
 * I7: balances (fee accounts included) + in flight = genesis supply, at the cut where every shard's chain ends. In flight is what
 * the source sent and the destination's next number says is not taken: a message taken with another amount breaks the sum.
 */
export function checkSupply(shards: readonly ReplayedShard[], findings: FindingLog): SupplyReport {
  let genesis = 0n
  let balances = 0n
  let inFlight = 0n
  for (const { replay } of shards) {
    const { rules } = replay
    genesis += rules.balance * BigInt(rules.accounts.length / 64)
    balances += replay.accounts.balances()
    for (const [other, channel] of replay.channels.entries()) {
      if (other === rules.shard) continue
      const taken = shards[other]?.replay.channels[rules.shard]?.taken ?? 0
      for (const amount of channel.amounts.slice(taken)) inFlight += BigInt(amount)
      if (taken > channel.sent.size) {
        const message = `${taken} messages taken from shard ${rules.shard}, which sent ${channel.sent.size}`
        findings.add({ code: 'importedMoreThanSent', shard: other, message })
      }
    }
  }
  const holds = shards.every(({ isWhole }) => isWhole) && balances + inFlight === genesis
  if (!holds) {
    const message = `balances ${balances} + in flight ${inFlight} are not the genesis supply ${genesis}`
    findings.add({ code: 'supplyBroken', shard: 0, message })
  }
  return { genesis: String(genesis), balances: String(balances), inFlight: String(inFlight), holds }
}
