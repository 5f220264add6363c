/** The benches of the validator's parts, for `npm run bench`. */
export { refuseMemoryFileSystem } from '../src/host/log/file-system-kind.ts'
export { measureExecutionRates, type ExecutionRate } from './execution-rates.ts'
export { measureLogRates, type LogRates } from './log-rates.ts'
export { measureNetworkRates, type NetworkRates } from './network-rates.ts'
export { measureSignatureRates, type SignatureRates } from './signature-rates.ts'
