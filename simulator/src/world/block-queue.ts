import {
  executeFinal,
  gatherBlock,
  type CommitEffect,
  type ExecutedBlock,
  type StateChanges,
} from '@shardnet/node/parts'
import type { ValidatorProcess } from './validator-process.ts'

const SAVE_MEAN_MS = 20

/** Executes final blocks one after the other, and saves the executed state now and then, as the host does. */
export class BlockQueue {
  readonly #process: ValidatorProcess
  readonly #waiting: CommitEffect[] = []
  #isDraining = false
  #isSaving = false
  #savedAtMs = 0

  constructor(process: ValidatorProcess) {
    this.#process = process
  }

  enqueue(effect: CommitEffect): void {
    this.#waiting.push(effect)
    if (this.#isDraining) return
    this.#isDraining = true
    this.#executeSoon()
  }

  /** Executes a block of the log before the process begins. */
  executeNow(effect: CommitEffect): ExecutedBlock {
    const { machine, ledger, roots } = this.#process
    const block = this.#process.lookUp(gatherBlock(effect, this.#process))
    const { executed, notice } = executeFinal(ledger, block)
    roots.add({ height: executed.height, roots: executed.roots })
    machine.ports.watch.onCommit(machine, effect)
    machine.ports.watch.onExecuted(machine, { block, effect, executed, notice })
    return executed
  }

  #executeSoon(): void {
    const { machine } = this.#process
    const { executeMs } = machine.world.plan
    machine.later(machine.random.exponential(executeMs) * machine.slowness, () => {
      const effect = this.#waiting.shift()
      if (effect !== undefined) this.#process.guarded(() => this.#execute(effect))
      this.#isDraining = this.#waiting.length > 0
      if (this.#isDraining) this.#executeSoon()
    })
  }

  #execute(effect: CommitEffect): void {
    const { machine, ledger, roots, relay } = this.#process
    const block = this.#process.lookUp(gatherBlock(effect, this.#process))
    if (machine.edge('execute')) return
    const { executed, notice } = executeFinal(ledger, block)
    roots.add({ height: executed.height, roots: executed.roots })
    machine.ports.watch.onExecuted(machine, { block, effect, executed, notice })
    this.#process.feed({ kind: 'executed', height: executed.height, roots: executed.roots })
    if (machine.process !== this.#process || machine.edge('executed')) return
    const { hash, proposal, certificate } = effect
    relay.onExecuted({ hash, proposal, certificate, imports: block.imports })
    this.#process.door.tryPack()
    this.#considerSaving()
  }

  #considerSaving(): void {
    const { machine, ledger, roots } = this.#process
    const { checkpointMs } = machine.world.plan
    if (checkpointMs === null || this.#isSaving) return
    if (machine.monotonicMs() - this.#savedAtMs < checkpointMs) return
    this.#isSaving = true
    this.#savedAtMs = machine.monotonicMs()
    const changes = ledger.takeDirty()
    const history = roots.stored()
    // As `Checkpointer` does: a state ahead of its log would be of no use after a power cut.
    this.#process.whenLogged(() => {
      if (machine.process !== this.#process) return
      const delayMs = machine.random.exponential(SAVE_MEAN_MS) * machine.disk.slowness
      machine.later(delayMs, () => {
        if (machine.edge('checkpoint written')) return
        this.#save({ ...changes, puts: [...changes.puts, history] })
        this.#isSaving = false
        machine.edge('checkpoint saved')
      })
    })
  }

  /** The store applies a save whole or not at all. */
  #save({ puts, deletes }: StateChanges): void {
    const { machine } = this.#process
    machine.world.counts.add('checkpoint')
    for (const entry of puts) machine.store.set(textOf(entry.key), entry)
    for (const key of deletes) machine.store.delete(textOf(key))
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1')
}
