import type { MachineWatch } from '../world/machine-watch.ts'

/** What a liar's machines do is nobody's promise. */
export const UNWATCHED: MachineWatch = {
  onBoot: () => {},
  onServed: () => {},
  onSent: () => {},
  onDurable: () => {},
  onCommit: () => {},
  onExecuted: () => {},
  onAcknowledged: () => {},
  onStopped: () => {},
}
