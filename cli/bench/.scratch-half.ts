import { measureHalfLoad } from './half-load-bench.ts'
const c = new AbortController()
const f = await measureHalfLoad({ signal: c.signal, say: (l)=>console.error(l), note(){}, object:(p)=>console.log('OBJECT',p), checksPerSecond: 41404, committedPerSecond: Number(process.env.R ?? 6000) })
for (const [k,v] of Object.entries(f)) console.log(k.padEnd(40), Number(v).toFixed(2))
