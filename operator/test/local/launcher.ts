// A launcher in a process of its own, to be killed: launches the testnet it is told and says when it is ready.
import { z } from 'zod'
import { Testnet } from '../../src/api/door.ts'
import { launchTestnet } from '../../src/local/door.ts'

const Order = z.object({
  place: z.object({ home: z.string(), cacheFolder: z.string(), program: z.string() }),
  document: Testnet,
})
const { place, document } = Order.parse(JSON.parse(process.argv[2] ?? ''))
const launched = launchTestnet(place, { document, isEphemeral: true, portsFrom: null })
await launched.waitUntilReady(AbortSignal.timeout(30_000))
process.send?.('ready')
