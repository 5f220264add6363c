import { bytesOfHex, hashOfBytes } from '@shardnet/node/core'
import { Sink } from './sink.ts'

// Started by measureGeneratorRates only, with exactly these words. A process of its own: what it uses is not the generator's.
const [networkId = '', transactionBytes = '', validators = ''] = process.argv.slice(2)
const sink = new Sink(hashOfBytes(bytesOfHex(networkId)), Number(transactionBytes))
const ports = await sink.open(Number(validators))
process.send?.({ ports })
process.on('message', () => process.send?.({ received: sink.received }))
process.on('disconnect', () => process.exit(0))
