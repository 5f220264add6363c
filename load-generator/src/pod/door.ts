/** What the operator and a load generator's pod say to each other. */
export { LOAD_PORT, LoadPod, loadExitCode } from './load-pod.ts'
export { resultLines, resultOfLog } from './result-lines.ts'
