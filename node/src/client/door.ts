/** What other rooms use to talk to validators: JSON-RPC for people and tools, the binary stream for load, faults for tests. */
export { AdminCallError, AdminClient } from './admin-client.ts'
export { LINK_RULE_MS_MAX, type LinkRule, type LinkRuleOrder } from './link-rule.ts'
export { verifyCellProof, type CellProof, type CellVerdict } from '../core/ledger/cell-proof.ts'
export { AccountSigner, type TransactionTerms } from './account-signer.ts'
export { decodeCellProof } from './cell-proof.ts'
export {
  agreedOutcome,
  awaitOutcome,
  type OutcomeQuestion,
  type TransactionOutcome,
} from './outcome.ts'
export {
  commitProblemOf,
  decodeTransactionProof,
  verifyTransactionProof,
  type ProofTrust,
  type ProofVerdict,
  type TransactionProof,
} from './proof.ts'
export {
  REFUSAL_NAMES,
  refusalCode,
  refusalNameOf,
  type RefusalCode,
  type RefusalName,
} from './refusal-code.ts'
export {
  RpcCallError,
  RpcClient,
  type AccountReply,
  type CellReply,
  type RpcCallOptions,
  type RpcClientOptions,
  type RpcFailure,
  type SentReply,
  type StatusReply,
  type TransactionReply,
} from './rpc-client.ts'
export {
  StreamClient,
  StreamError,
  type StreamListener,
  type StreamOptions,
  type StreamWelcome,
} from './stream-client.ts'
export {
  decodeClientFrame,
  encodeServerFrame,
  STREAM_PATH,
  SUBMIT_BYTES_MAX,
  type EventDetail,
  type ReferenceRange,
  type Refusal,
  type ServerFrame,
} from './stream-protocol.ts'
