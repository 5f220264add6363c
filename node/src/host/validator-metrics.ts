import type { Logger } from 'pino'
import type { NodeSetup } from '../config/node-setup.ts'
import { profileOf } from './metrics/profile.ts'
import type { Effect, Note } from '../core/consensus/effect.ts'
import type { BatchVerdict } from '../core/consensus/input.ts'
import type { Hash } from '../core/primitives/hash.ts'
import type { BlockHeader } from '../core/wire/block.ts'
import { resultNameOf } from '../core/wire/result-code.ts'
import type { DoorObserver, TransactionDoor } from './batches/transaction-door.ts'
import type { Execution } from './chain/block-executor.ts'
import type { OpenedChain } from './chain/opened-chain.ts'
import { OutboxAges } from './chain/outbox-ages.ts'
import { secondsSinceArrival } from './consensus/arrival.ts'
import { diskRoomBytes } from './log/disk-room.ts'
import type { GroupSynced } from './log/write-ahead-log.ts'
import { catalogue, type NodeCatalogue } from './metrics/catalogue.ts'
import { createMetrics, type Metrics } from './metrics/create-metrics.ts'
import { MedianWindow } from './metrics/median-window.ts'
import { watchProcess } from './metrics/process-metrics.ts'
import { watchNetwork } from './network/network-metrics.ts'
import type { PeerNetwork } from './network/peer-network.ts'
import type { RuleLinkShaper } from './network/rule-link-shaper.ts'
import type { SignaturePool } from './signatures/signature-pool.ts'

/** What is read at every scrape. */
export interface Watched {
  readonly chain: OpenedChain
  readonly network: PeerNetwork
  readonly shaper: RuleLinkShaper
  readonly signatures: SignaturePool
  readonly transactions: TransactionDoor
  readonly diskBytesMax: number
  readonly logFolder: string
}

/** Every so many heights the validators of a shard show what their state is. */
const COMPARE_EVERY_HEIGHTS = 256
/** Hexadecimal digits of a root that a metric's number holds exactly: 48 bits. */
const FINGERPRINT_DIGITS = 12
const HEADER_AGES = 33

/** Turns what happens in a validator into its metrics: the only place that names them. */
export class ValidatorMetrics {
  readonly metrics: Metrics<NodeCatalogue>
  readonly #stopProcess: () => void
  readonly #self: number
  readonly #headerAges = new MedianWindow(HEADER_AGES)
  readonly #outboxAges: OutboxAges
  #chain: OpenedChain | null = null

  constructor({ config, genesis }: NodeSetup) {
    this.#self = config.validator
    this.#outboxAges = new OutboxAges(genesis.shards)
    this.metrics = createMetrics(catalogue, {
      profile: profileOf(config, genesis),
      constantLabels: { shard: String(config.shard), validator: String(config.validator) },
    })
    this.#stopProcess = watchProcess(this.metrics)
    this.metrics.handles.signatureKernel.set(1, { kernel: 'webassembly' })
  }

  close(): void {
    this.#stopProcess()
  }

  watch(watched: Watched): void {
    const { chain, network, shaper, signatures, transactions, diskBytesMax, logFolder } = watched
    const { handles } = this.metrics
    this.#chain = chain
    watchNetwork(network, shaper, this.metrics)
    this.metrics.onScrape(() => {
      const { replica, ledger, log } = chain
      handles.accounts.set(ledger.accountCount)
      handles.signatureCpuSeconds.total(signatures.cpuSeconds)
      handles.headerAge.set(this.#headerAges.median)
      handles.pendingTransactions.set(transactions.pending)
      handles.view.set(replica.view)
      handles.height.set(replica.tip.height)
      handles.executedHeight.set(ledger.height)
      handles.batchesWaiting.set(transactions.batchesWaiting)
      handles.logUsed.set(log.bytesUsed)
      handles.logBudget.set(Math.min(diskBytesMax, log.bytesUsed + diskRoomBytes(logFolder)))
      const { shard, shards, outboxWindow } = ledger.parameters
      let inFlight = 0
      let oldest = 0
      for (let other = 0; other < shards; other++) {
        if (other === shard) continue
        inFlight += outboxWindow - ledger.outboxRoomOf(other)
        const acknowledged = ledger.acknowledgedOf(other)
        oldest = Math.max(oldest, this.#outboxAges.ageOf(other, ledger.height, acknowledged))
      }
      handles.outboxInFlight.set(inFlight)
      handles.outboxLagHeights.set(oldest)
    })
  }

  onSync({ bytes, syncMs }: GroupSynced): void {
    const { handles } = this.metrics
    handles.fsyncs.inc()
    handles.fsyncSeconds.observe(syncMs / 1000)
    handles.logWritten.add(bytes)
  }

  onStep(seconds: number): void {
    this.metrics.handles.stepSeconds.observe(seconds)
  }

  onMalformed(): void {
    this.metrics.handles.refusedMessages.inc({ message: 'undecodable' })
  }

  onNote(note: Note, logger: Logger): void {
    const { handles } = this.metrics
    switch (note.kind) {
      case 'enteredView':
        return handles.viewsEntered.inc({ reason: note.reason })
      case 'skipped':
        logger.info({ view: note.view, proposer: note.proposer }, 'view skipped')
        return handles.skips.inc({ proposer: note.proposer === this.#self ? 'self' : 'other' })
      case 'refused':
        logger.debug({ from: note.from, message: note.message, code: note.code }, 'message refused')
        return handles.refusedMessages.inc({ message: note.message })
      case 'evidence':
        logger.warn({ validator: note.validator, view: note.view }, 'evidence of misbehaviour')
        return handles.evidence.inc()
      case 'vote':
        return handles.votes.inc({ vote: note.vote })
    }
  }

  onPrepared({ proposer, timeMs }: BlockHeader, hash: Hash): void {
    this.#onCertificate(hash, 'prepare')
    if (proposer !== this.#self) this.#headerAges.add((Date.now() - timeMs) / 1000)
  }

  onCommitted({ proposal, hash }: Extract<Effect, { kind: 'commit' }>): void {
    this.#onCertificate(hash, 'commit')
    if (proposal.header.proposer !== this.#self) return
    const isEmpty = proposal.body.batches.length === 0 && proposal.body.imports.length === 0
    this.metrics.handles.proposals.inc({ content: isEmpty ? 'empty' : 'full' })
  }

  onBatchChecked(verdict: BatchVerdict, signatures: number): void {
    const { handles } = this.metrics
    handles.batchesReceived.inc({ verdict })
    this.#onSignatures(signatures, verdict === 'badSignature' ? 1 : 0)
  }

  onPacked(count: number): void {
    const { handles } = this.metrics
    handles.batchesMade.inc()
    handles.batchTransactions.observe(count)
  }

  onOwnBatchOrdered(ageMs: number): void {
    this.metrics.handles.batchOrderSeconds.observe(ageMs / 1000)
  }

  onBundle(): void {
    this.metrics.handles.bundles.inc()
  }

  onSignaturesAnswered(seconds: number): void {
    this.metrics.handles.signatureCheckSeconds.observe(seconds)
  }

  onExecuted({ executed, imports, seconds }: Execution): void {
    const { handles } = this.metrics
    this.#afterBlock(executed)
    handles.executeSeconds.observe(seconds)
    for (const [code, count] of executed.resultCounts.entries()) {
      if (count > 0) handles.results.add(count, { result: resultNameOf(code) })
    }
    handles.imports.add(imports.length)
    for (const { count } of imports) handles.importedMessages.add(count)
  }

  doorObserver(): DoorObserver {
    return {
      checked: (valid, invalid) => this.#onSignatures(valid + invalid, invalid),
    }
  }

  #onCertificate(hash: Hash, certificate: 'prepare' | 'commit'): void {
    if (this.#chain === null) return
    const seconds = secondsSinceArrival(this.#chain.replica, hash)
    if (seconds === null) return
    this.metrics.handles.certificateSeconds.observe(seconds, { certificate })
  }

  /** The state right after a block: how far the outboxes reach and, now and then, what the shard compares. */
  #afterBlock({ height, roots }: Execution['executed']): void {
    const ledger = this.#chain?.ledger
    if (ledger === undefined) return
    for (const [other, pair] of (ledger.pairsAt(height) ?? []).entries())
      if (pair !== null) this.#outboxAges.note(other, height, pair.outSequence)
    if (height % COMPARE_EVERY_HEIGHTS !== 0) return
    const { handles } = this.metrics
    const { balances, totalOut, totalIn } = ledger.supplyParts()
    const sent = totalOut.reduce((sum, amount) => sum + amount, 0n)
    const received = totalIn.reduce((sum, amount) => sum + amount, 0n)
    handles.comparedHeight.set(height)
    handles.comparedFingerprint.set(Number.parseInt(roots.state.slice(0, FINGERPRINT_DIGITS), 16))
    handles.supply.set(Number(balances + sent - received))
    handles.sentAmount.total(Number(sent))
    handles.receivedAmount.total(Number(received))
  }

  #onSignatures(checked: number, invalid: number): void {
    if (checked === 0) return
    const { handles } = this.metrics
    handles.signatureBatch.observe(checked)
    handles.signaturesChecked.add(checked - invalid, { verdict: 'valid' })
    handles.signaturesChecked.add(invalid, { verdict: 'invalid' })
  }
}
