import { measureAnalysis } from './analysis-rate.ts'

// A process of its own: the memory that it tells is that of the analysis and of nothing else.
process.stdout.write(`${JSON.stringify(measureAnalysis(Number(process.argv[2])))}\n`)
