import type { Logger } from 'pino'
import { committeesOf } from '../config/genesis.ts'
import type { NodeSetup } from '../config/node-setup.ts'
import { decodeWith } from '../core/primitives/byte-reader.ts'
import { batchDigestOf } from '../core/wire/batch.ts'
import { slotRangeOf } from '../core/wire/committee.ts'
import { importDigestOf, type ImportBundle } from '../core/wire/import-bundle.ts'
import type { LogRecord } from '../core/wire/log-record.ts'
import { readPeerMessage } from '../core/wire/peer-message.ts'
import { networkTagOf, type FormRules } from '../core/wire/transaction.ts'
import { FaultDoor } from './admin/fault-door.ts'
import { BatchChecker } from './batches/batch-checker.ts'
import { TransactionDoor } from './batches/transaction-door.ts'
import { BlockExecutor, type Execution } from './chain/block-executor.ts'
import { BodyCache } from './chain/body-cache.ts'
import { ChainReader } from './chain/chain-reader.ts'
import { Checkpointer } from './chain/checkpointer.ts'
import { openChain, type OpenedChain } from './chain/opened-chain.ts'
import { ReceiptBook } from './chain/receipt-book.ts'
import { RelayHost } from './chain/relay-host.ts'
import { secondsSinceArrival } from './consensus/arrival.ts'
import { ReplicaDriver, type DriverPorts } from './consensus/replica-driver.ts'
import { LiveBook } from './live/live-book.ts'
import { dataFoldersOf } from './data-folders.ts'
import { LocalDoor } from './local-door.ts'
import { parseHostPort } from './network/peer-address.ts'
import { PeerNetwork } from './network/peer-network.ts'
import type { Purpose } from './network/purpose.ts'
import type { Seat } from './network/seat.ts'
import { CommitRing } from './rpc/commit-ring.ts'
import { RpcServer } from './rpc/rpc-server.ts'
import { SignaturePool } from './signatures/signature-pool.ts'
import { ValidatorMetrics } from './validator-metrics.ts'

const SOFTWARE_VERSION = '0.1.0'
/** Twice what one block may name: what is executed later than that comes from the log. */
const BODY_BYTES_MAX = 8 * 1_048_576
const RING_NOTICES_MAX = 4_096
const RING_BYTES_MAX = 16 * 1_048_576
const SERVED_AT_ONCE_MAX = 32
const SIGNATURE_JOBS_MAX = 1_024

/** One validator, wired: log, ledger, replica, network, doors. Started once, stopped once. */
export class Validator {
  readonly #setup: NodeSetup
  readonly #logger: Logger
  readonly #chain: OpenedChain
  readonly #fatal: (error: unknown) => void
  readonly #metrics: ValidatorMetrics
  readonly #pool: SignaturePool
  readonly #bodies = new BodyCache<Uint8Array>(BODY_BYTES_MAX)
  readonly #bundles = new BodyCache<ImportBundle>(BODY_BYTES_MAX)
  readonly #ring = new CommitRing({ noticesMax: RING_NOTICES_MAX, bytesMax: RING_BYTES_MAX })
  readonly #live = new LiveBook()
  readonly #receipts: ReceiptBook
  readonly #reader: ChainReader
  readonly #executor: BlockExecutor
  readonly #checkpointer: Checkpointer
  readonly #network: PeerNetwork
  readonly #relay: RelayHost
  readonly #transactions: TransactionDoor
  readonly #driver: ReplicaDriver
  readonly #door: LocalDoor
  readonly #rpc: RpcServer
  readonly #checker: BatchChecker
  readonly #faults: FaultDoor
  /** Requests of each peer that the log is being read for. */
  readonly #serving = new Map<number, number>()
  #isRunning = false

  private constructor(
    setup: NodeSetup,
    chain: OpenedChain,
    metrics: ValidatorMetrics,
    context: ValidatorContext & { readonly faults: FaultDoor },
  ) {
    const { config, genesis, networkId } = setup
    this.#setup = setup
    this.#chain = chain
    this.#metrics = metrics
    this.#logger = context.logger
    this.#fatal = context.onFatal
    this.#faults = context.faults
    this.#pool = SignaturePool.start({
      workers: 1,
      jobsMax: SIGNATURE_JOBS_MAX,
      onAnswered: (seconds) => metrics.onSignaturesAnswered(seconds),
    })
    const rules = formRulesOf(setup)
    this.#checker = new BatchChecker(this.#pool, networkId, rules)
    this.#reader = new ChainReader(chain.log, chain.index)
    this.#receipts = new ReceiptBook(this.#reader, networkId, chain.ledger.roots.result)
    this.#executor = new BlockExecutor({
      ledger: chain.ledger,
      reader: this.#reader,
      bodies: this.#bodies,
      bundles: this.#bundles,
      executed: (execution) => this.#onExecuted(execution),
      fatal: this.#fatal,
    })
    this.#checkpointer = new Checkpointer(chain, this.#fatal)
    this.#network = this.#createNetwork()
    const committeeSizes = Array.from({ length: genesis.shards }, () => genesis.validatorsPerShard)
    this.#relay = new RelayHost(chain.ledger, this.#network, {
      validator: config.validator,
      committeeSizes,
    })
    this.#driver = new ReplicaDriver(chain.replica, this.#driverPorts())
    this.#transactions = this.#createTransactionDoor(rules)
    this.#door = this.#createDoor()
    this.#rpc = new RpcServer({
      door: this.#door,
      metrics: metrics.metrics,
      listen: parseHostPort(config.listen.http),
      limits: { connectionsMax: config.limits.clientConnectionsMax },
      onError: (error) => this.#logger.error({ err: error }, 'a lookup failed'),
    })
    metrics.watch({
      chain,
      network: this.#network,
      shaper: this.#faults.shaper,
      signatures: this.#pool,
      transactions: this.#transactions,
      diskBytesMax: config.diskBytesMax,
      logFolder: dataFoldersOf(config.dataDirectory).log,
    })
  }

  /**
   * Opens the data folder, catches up with its own log and joins the network.
   * @throws the world's errors (LogError, NetworkError, RpcError, StateFolderError): one sentence each.
   */
  static async start(setup: NodeSetup, context: ValidatorContext): Promise<Validator> {
    const metrics = new ValidatorMetrics(setup)
    const faults = await FaultDoor.open(setup, context.logger)
    const chain = await openChain(setup, (group) => metrics.onSync(group))
    const validator = new Validator(setup, chain, metrics, { ...context, faults })
    await validator.#begin()
    return validator
  }

  /** Where clients and peers find it. */
  get addresses(): { readonly http: string; readonly p2p: string } {
    const { address } = this.#rpc
    const { host, port } = this.#network.listenAddress
    return { http: `${address.host}:${address.port}`, p2p: `${host}:${port}` }
  }

  /** An orderly end: nothing is lost that was not lost by `kill -9` either, only the next start is quicker. */
  async stop(): Promise<void> {
    this.#isRunning = false
    this.#transactions.close()
    this.#relay.stop()
    await this.#rpc.stop()
    await this.#faults.stop()
    this.#driver.stop()
    await this.#network.stop()
    await this.#executor.stop()
    await this.#checkpointer.finish()
    await this.#chain.store.close()
    await this.#chain.log.close()
    await this.#pool.close()
    this.#metrics.close()
  }

  updateAddressBook(peers: NodeSetup['peers']): void {
    this.#network.updateAddressBook(peers)
  }

  async #begin(): Promise<void> {
    const { summary, unexecuted, replica } = this.#chain
    if (summary.tornBytes > 0)
      this.#logger.warn(
        { bytes: summary.tornBytes },
        'dropped a cut-off write at the end of the log',
      )
    if (summary.stateAheadBy > 0)
      this.#logger.warn(
        { heights: summary.stateAheadBy },
        'the state is ahead of the log: thrown away and executed again',
      )
    for (const notice of this.#chain.notices) this.#ring.push(notice)
    for (const block of unexecuted) this.#executor.enqueue(block)
    await this.#executor.idle()
    this.#logger.info(
      { ...summary, height: replica.tip.height, view: replica.view, votes: replica.canVote },
      'log read',
    )
    if (!replica.canVote)
      this.#logger.warn('no birth record in the log: this validator only observes')
    await this.#network.start()
    this.#isRunning = true
    this.#relay.start()
    this.#driver.feed({ kind: 'start' })
    await this.#rpc.start()
    await this.#faults.start()
  }

  #createNetwork(): PeerNetwork {
    const { config, genesis, networkId, keys, peers } = this.#setup
    const network = new PeerNetwork({
      self: { shard: config.shard, validator: config.validator },
      peerSeed: keys.peerSeed.reveal(),
      networkId,
      committees: committeesOf(genesis),
      listen: parseHostPort(config.listen.p2p),
      addressBook: peers,
      shaper: this.#faults.shaper,
    })
    network.onFrame((from, purpose, frame) => this.#onFrame(from, purpose, frame))
    return network
  }

  #onFrame(from: Seat, purpose: Purpose, frame: Uint8Array): void {
    if (!this.#isRunning) return
    const decoded = decodeWith(frame, readPeerMessage)
    if (decoded.kind === 'malformed') return this.#metrics.onMalformed()
    const message = decoded.value
    if (from.shard === this.#setup.config.shard)
      return this.#driver.feed({ kind: 'message', from: from.validator, message })
    if (
      message.kind !== 'import' ||
      purpose !== 'crossshard' ||
      message.bundle.header.shard !== from.shard
    ) {
      return this.#metrics.onMalformed()
    }
    this.#metrics.onBundle()
    this.#relay.onBundle(message.bundle)
    this.#driver.feed({ kind: 'foreignImport', bundle: message.bundle })
  }

  #driverPorts(): DriverPorts {
    return {
      append: (records) => this.#chain.log.append(records),
      logged: (record, position) => this.#onLogged(record, position),
      send: (to, purpose, frame) => this.#send(to, purpose, frame),
      checkBatch: (effect) => void this.#checkBatch(effect),
      commit: (effect) => {
        this.#chain.index.addFinal({ height: effect.proposal.header.height, hash: effect.hash })
        this.#metrics.onCommitted(effect)
        this.#live.onCommitted(secondsSinceArrival(this.#chain.replica, effect.hash))
        this.#executor.enqueue(effect)
        this.#transactions.tryPack()
      },
      prepared: ({ header, hash }) => {
        this.#metrics.onPrepared(header, hash)
        this.#door.announcePrepared({ height: header.height, view: header.view, blockHash: hash })
      },
      serve: (effect) => void this.#serve(effect),
      batchLogged: (sequence) => this.#transactions.onBatchLogged(sequence),
      note: (note) => this.#metrics.onNote(note, this.#logger),
      stepped: (seconds) => this.#metrics.onStep(seconds),
      fatal: this.#fatal,
    }
  }

  #send(to: 'all' | readonly number[], purpose: Purpose, frame: Uint8Array): void {
    const { shard, validator } = this.#setup.config
    const { size } = this.#chain.replica.parameters
    const seats = to === 'all' ? Array.from({ length: size }, (_, index) => index) : to
    for (const index of seats)
      if (index !== validator) this.#network.send({ shard, validator: index }, purpose, frame)
  }

  /** Reads of the log for one peer are bounded: who asks for more at once is not answered and asks again later. */
  async #serve({ to, request }: Parameters<DriverPorts['serve']>[0]): Promise<void> {
    const underWay = this.#serving.get(to) ?? 0
    if (underWay >= SERVED_AT_ONCE_MAX) return
    this.#serving.set(to, underWay + 1)
    try {
      const message = await this.#reader.answer(request)
      if (message !== null) this.#driver.reply(to, message)
    } catch (error) {
      if (this.#isRunning) this.#fatal(error)
    } finally {
      this.#serving.set(to, (this.#serving.get(to) ?? 1) - 1)
    }
  }

  async #checkBatch(effect: Parameters<DriverPorts['checkBatch']>[0]): Promise<void> {
    try {
      const { verdict, signatures } = await this.#checker.check(effect)
      this.#metrics.onBatchChecked(verdict, signatures)
      this.#driver.feed({ kind: 'batchChecked', digest: effect.digest, verdict })
    } catch (error) {
      if (this.#isRunning) this.#fatal(error)
    }
  }

  /** What is on disk can be served, and will be executed soon. */
  #onLogged(record: LogRecord, position: number): void {
    this.#chain.index.add(record, position)
    if (record.kind === 'batch')
      this.#bodies.put(batchDigestOf(record.signed.header), record.body, record.body.length)
    if (record.kind === 'import')
      this.#bundles.put(
        importDigestOf(record.bundle),
        record.bundle,
        record.bundle.messages.length + 2048,
      )
  }

  #onExecuted(execution: Execution): void {
    const { executed, notice } = execution
    this.#receipts.add(execution)
    this.#ring.push(notice)
    this.#chain.roots.add({ height: executed.height, roots: executed.roots })
    this.#chain.events.add(notice)
    this.#metrics.onExecuted(execution)
    if (!this.#isRunning) return this.#chain.noteExecuted(executed.height, executed.roots)
    this.#driver.feed({
      kind: 'executed',
      height: executed.height,
      roots: executed.roots,
    })
    this.#live.onExecuted(execution)
    this.#relay.onExecuted(execution)
    const { validator } = this.#setup.config
    for (const { author, sequence, results } of executed.event.batches) {
      if (author !== validator) continue
      const ageMs = this.#transactions.onBatchExecuted(sequence, results)
      if (ageMs === null) continue
      this.#metrics.onOwnBatchOrdered(ageMs)
      this.#live.onOwnBatch(ageMs)
    }
    this.#checkpointer.consider()
  }

  #createTransactionDoor(rules: FormRules): TransactionDoor {
    const { config, genesis, networkId } = this.#setup
    const { batchBytesMax, batchAgeMs } = genesis.protocol
    const { pendingTransactionsMax } = config.limits
    return new TransactionDoor(
      { networkId, rules, batchBytesMax, batchAgeMs, pendingTransactionsMax },
      {
        pool: this.#pool,
        pack: (packed) => {
          this.#metrics.onPacked(packed.count)
          this.#driver.feed({ kind: 'packed', ...packed })
        },
        room: () => this.#driver.room,
        executedHeight: () => this.#chain.ledger.height,
        judgeNonce: (address, nonce) => this.#chain.ledger.judgeNonce(address, nonce),
        observe: this.#metrics.doorObserver(),
      },
    )
  }

  #createDoor(): LocalDoor {
    const { config, genesis, networkId } = this.#setup
    const { shard, validator } = config
    const { shards, validatorsPerShard, protocol, accounts, seed, instance } = genesis
    return new LocalDoor({
      identity: {
        networkId,
        shard,
        validator,
        shards,
        validatorsPerShard,
        softwareVersion: SOFTWARE_VERSION,
      },
      replica: this.#chain.replica,
      ledger: this.#chain.ledger,
      network: this.#network,
      index: this.#chain.index,
      reader: this.#reader,
      receipts: this.#receipts,
      ring: this.#ring,
      live: this.#live,
      transactions: this.#transactions,
      parameters: { protocol: { ...protocol }, accounts: { ...accounts }, seed, instance },
    })
  }
}

/** What the process around a validator provides. */
export interface ValidatorContext {
  readonly logger: Logger
  /** The validator cannot go on; called at most a few times, the first one counts. */
  readonly onFatal: (error: unknown) => void
}

/** The static rules of this shard, from the genesis. */
function formRulesOf({ config, genesis, networkId }: NodeSetup): FormRules {
  const slots = slotRangeOf(config.shard, genesis.shards)
  return {
    networkTag: networkTagOf(networkId),
    slotFirst: slots.first,
    slotEnd: slots.end,
    payloadBytesMax: genesis.protocol.payloadBytesMax,
  }
}
