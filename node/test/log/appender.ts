import { openWith, NETWORK, recordOf } from './open-log.ts'

// Started by kill.test.ts: appends for ever, several at once, and says which records are acknowledged. `kill -9` ends it.
const [directory = '', firstText = '0'] = process.argv.slice(2)
const { log } = await openWith({
  directory,
  networkId: NETWORK,
  diskBytesMax: 1_000_000_000,
  segmentBytesMax: 60_000,
})

let next = Number(firstText)
async function appendForEver(): Promise<void> {
  for (;;) {
    const first = next
    next += 2
    await log.append([recordOf(first, 40 + (first % 5_000)), recordOf(first + 1, 40)])
    process.stdout.write(`${first}\n${first + 1}\n`)
  }
}
await Promise.all([1, 2, 3, 4].map(appendForEver))
