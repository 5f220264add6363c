import { parentPort, workerData } from 'node:worker_threads'
import type { Hash } from '@shardnet/node/core'
import { type CommitteeJob, committeesHere } from './founding-crew.ts'

const [committees, prove] = await committeesHere(workerData as CommitteeJob)
const networkId = new Promise<Hash>((resolve) => parentPort?.once('message', resolve))
parentPort?.postMessage(committees, [])
for await (const committee of prove(await networkId)) parentPort?.postMessage(committee, [])
