import { whileCountingAlone } from '../src/run/counter-lock.ts'

// Started by counter-lock.test.ts: counts in a file, says so, and goes on until it is killed.
await whileCountingAlone(process.argv[2] ?? '', () => {
  process.stdout.write('counting\n')
  process.stdin.resume()
  return new Promise(() => undefined)
})
