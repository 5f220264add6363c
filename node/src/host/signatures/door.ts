/** The signature kernel for other rooms: account keys, and the checks of a safety report. */
export { kernelName, SignatureKernel } from './kernel.ts'
