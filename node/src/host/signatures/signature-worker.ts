import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { must } from '../../core/errors.ts'
import { KERNEL_INPUT_BYTES_MAX, SignatureKernel } from './kernel.ts'
import { rowCount, type SignatureJob } from './signature-job.ts'

// Both come from the pool, which is the only one to start this file.
const { module, cpuSeconds } = workerData as {
  readonly module: WebAssembly.Module
  readonly cpuSeconds: Float64Array
}
const pool = must(parentPort, 'the signature worker runs in a worker thread')
const kernel = SignatureKernel.load(module)

/** Rows checked before anybody is answered: beyond it larger batches are hardly cheaper, and answers would wait. */
const ROWS_AT_ONCE_MAX = 4096
const BYTES_AT_ONCE_MAX = KERNEL_INPUT_BYTES_MAX / 4

pool.on('message', (first: SignatureJob) => {
  // Jobs that came meanwhile lie in the port: together they are cheaper. What is left is the next message.
  const jobs = [first]
  let rows = rowCount(first)
  let bytes = first.bytes.length
  while (rows < ROWS_AT_ONCE_MAX && bytes < BYTES_AT_ONCE_MAX) {
    const next = receiveMessageOnPort(pool)
    if (next === undefined) break
    // Only the pool writes to this port.
    const job = next.message as SignatureJob
    jobs.push(job)
    rows += rowCount(job)
    bytes += job.bytes.length
  }
  for (const verdicts of verdictsOf(jobs)) pool.postMessage(verdicts, [verdicts.buffer])
  const { user, system } = process.threadCpuUsage()
  cpuSeconds[0] = (user + system) / 1e6
})

/** Verdicts in the order of the jobs. Strangers' rows, where each is judged, never go together with others. */
function verdictsOf(jobs: readonly SignatureJob[]): readonly Uint8Array<ArrayBuffer>[] {
  const together = jobs.filter(({ verdict }) => verdict === 'all')
  const found = new Map(kernel.verifyTogether(together).map((each, at) => [together[at], each]))
  return jobs.map((job) => found.get(job) ?? kernel.verifyRows(job))
}
