import { parentPort, workerData } from 'node:worker_threads'
import { foundHere, type FoundingJob } from './founding.ts'

parentPort?.postMessage(await foundHere(workerData as FoundingJob), [])
