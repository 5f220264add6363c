/** What the operator and a load generator's pod say to each other. */
export { LoadPod } from './load-pod.ts'
export { resultLines, resultOfLog } from './result-lines.ts'
