export { ConfigError, parseJson, parseWith, problemsOf, type Problem } from './problems.ts'
export {
  Address,
  SHARDS_MAX,
  splitAddress,
  VALIDATORS_PER_SHARD_MAX,
  VALIDATORS_PER_SHARD_MIN,
  type HostAndPort,
} from './shapes.ts'
export {
  contradictionsOf,
  DEFAULT_PROTOCOL,
  ProtocolParameters,
  transferBytesMax,
} from './protocol-parameters.ts'
export { type Genesis } from './genesis-document.ts'
export {
  balanceOf,
  committeeOf,
  committeesOf,
  contextOf,
  committeeKeysOf,
  createGenesis,
  draftGenesis,
  formatGenesis,
  GENESIS_EPOCH,
  networkIdOf,
  parseGenesis,
  provenCommittee,
  unprovenCommittee,
  supplyOf,
  type FoundedTestnet,
  type GenesisOptions,
} from './genesis.ts'
export {
  createRootSecret,
  loadValidatorKeys,
  peerKeyOfSeed,
  saveValidatorKeys,
  shardSecretOf,
  validatorKeysOf,
  type ValidatorKeys,
} from './validator-keys.ts'
export { Secret } from './secret.ts'
export {
  ACCOUNT_ROW_BYTES,
  accountsOfShard,
  accountSeed,
  accountSlot,
  accountTableHashOf,
  deriveAccountTable,
  ensureAccountTable,
  loadAccountTable,
  type AccountPlan,
  type CachedAccountTable,
  type KeyDeriver,
} from './accounts.ts'
export {
  formatAddressBook,
  loadAddressBook,
  loadNodeConfig,
  NodeConfig,
  parseAddressBook,
  type NodeConfigInput,
  type PeerAddress,
} from './node-config.ts'
export { validatorNodeFlags } from './node-flags.ts'
export { loadNodeSetup, type NodeSetup } from './node-setup.ts'
export { writeFileDurably } from './files.ts'
