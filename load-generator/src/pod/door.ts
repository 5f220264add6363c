/** What the operator and a load generator's pod say to each other. */
export { GENESIS_FOLDER, LOAD_PORT, LoadPod, loadExitCode, TRACE_FOLDER } from './load-pod.ts'
export { resultLines, resultOfLog } from './result-lines.ts'
