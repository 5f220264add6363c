import { parentPort, workerData } from 'node:worker_threads'
import { must } from '@shardnet/node/core'
import { Signer } from './signer.ts'
import type { SigningAnswer, SigningJob, SigningSettings } from './signing-job.ts'

// Started by SigningPool only, which passes exactly these.
const settings = workerData as SigningSettings
const port = must(parentPort, 'the signing worker runs as a worker thread')
const signer = new Signer(settings)

port.on('message', (job: SigningJob) => {
  const answer: SigningAnswer = { id: job.id, transactions: signer.sign(job) }
  port.postMessage(answer, [answer.transactions.buffer])
})
