import { parentPort, workerData } from 'node:worker_threads'
import type { Hash } from '@shardnet/node/core'
import { type CommitteeJob, committeesHere } from './founding-crew.ts'

const [committees, prove] = committeesHere(workerData as CommitteeJob)
parentPort?.once('message', (networkId: Hash) => parentPort?.postMessage(prove(networkId), []))
parentPort?.postMessage(committees, [])
