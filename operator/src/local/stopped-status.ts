import type { TestnetFolder } from './testnet-folder.ts'
import { generationFiles } from './testnet-folder.ts'
import type { TestnetState } from './testnet-state.ts'
import type { TestnetStatus } from './testnet-status.ts'
import { ValidatorSet } from './validator-set.ts'

/** Status of a testnet that no supervisor keeps, from its state file. */
export function stoppedStatus(folder: TestnetFolder, state: TestnetState): TestnetStatus {
  const newest = state.generations.at(-1)
  const context = { folder, program: '', onChange: () => undefined }
  return {
    name: state.document.metadata.name,
    state: 'stopped',
    folder: folder.root,
    supervisor: null,
    document: state.document,
    network: newest?.network ?? null,
    networkId: newest?.networkId ?? null,
    genesisFile: newest === undefined ? null : generationFiles(folder, newest.network).genesisFile,
    accountsFile: newest?.accountsFile ?? null,
    validators: (newest?.sets ?? []).flatMap((set) => [...new ValidatorSet(context, set).status()]),
    problem: null,
  }
}
