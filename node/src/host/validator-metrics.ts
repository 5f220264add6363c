import type { Logger } from 'pino'
import type { NodeSetup } from '../config/node-setup.ts'
import type { Effect, Note } from '../core/consensus/effect.ts'
import type { BatchVerdict } from '../core/consensus/input.ts'
import { resultNameOf } from '../core/wire/result-code.ts'
import type { DoorObserver, TransactionDoor } from './batches/transaction-door.ts'
import type { Execution } from './chain/block-executor.ts'
import type { OpenedChain } from './chain/opened-chain.ts'
import type { GroupSynced } from './log/write-ahead-log.ts'
import { catalogue, type NodeCatalogue } from './metrics/catalogue.ts'
import { createMetrics, type Metrics } from './metrics/create-metrics.ts'
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
  readonly pool: SignaturePool
  readonly transactions: TransactionDoor
  readonly diskBytesMax: number
}

/** Turns what happens in a validator into its metrics: the only place that names them. */
export class ValidatorMetrics {
  readonly metrics: Metrics<NodeCatalogue>
  readonly #stopProcess: () => void
  readonly #self: number

  constructor({ config }: NodeSetup) {
    this.#self = config.validator
    this.metrics = createMetrics(catalogue, {
      constantLabels: { shard: String(config.shard), validator: String(config.validator) },
    })
    this.#stopProcess = watchProcess(this.metrics)
    this.metrics.handles.signatureKernel.set(1, { kernel: 'webassembly' })
  }

  close(): void {
    this.#stopProcess()
  }

  watch({ chain, network, shaper, transactions, diskBytesMax }: Watched): void {
    const { handles } = this.metrics
    watchNetwork(network, shaper, this.metrics)
    this.metrics.onScrape(() => {
      const { replica, ledger, log } = chain
      handles.view.set(replica.view)
      handles.height.set(replica.tip.height)
      handles.executedHeight.set(ledger.height)
      handles.batchesWaiting.set(transactions.batchesWaiting)
      handles.logUsed.set(log.bytesUsed)
      handles.logBudget.set(diskBytesMax)
      const { shard, shards, outboxWindow } = ledger.parameters
      let inFlight = 0
      for (let other = 0; other < shards; other++)
        if (other !== shard) inFlight += outboxWindow - ledger.outboxRoomOf(other)
      handles.outboxInFlight.set(inFlight)
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

  onCommitted({ proposal }: Extract<Effect, { kind: 'commit' }>, self: number): void {
    if (proposal.header.proposer !== self) return
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

  onExecuted({ executed, imports, seconds }: Execution): void {
    const { handles } = this.metrics
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

  #onSignatures(checked: number, invalid: number): void {
    if (checked === 0) return
    const { handles } = this.metrics
    handles.signatureBatch.observe(checked)
    handles.signaturesChecked.add(checked - invalid, { verdict: 'valid' })
    handles.signaturesChecked.add(invalid, { verdict: 'invalid' })
  }
}
