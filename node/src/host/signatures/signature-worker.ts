import { parentPort, workerData } from 'node:worker_threads'
import { must } from '../../core/errors.ts'
import { SignatureKernel } from './kernel.ts'
import type { SignatureJob } from './signature-job.ts'

// Both come from the pool, which is the only one to start this file.
const { module } = workerData as { readonly module: WebAssembly.Module }
const pool = must(parentPort, 'the signature worker runs in a worker thread')
const kernel = SignatureKernel.load(module)

pool.on('message', (job: SignatureJob) => {
  const verdicts = kernel.verifyRows(job)
  pool.postMessage(verdicts, [verdicts.buffer])
})
