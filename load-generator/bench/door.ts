/** Measurements of the load generator by itself, for `npm run bench`. */
export { measureGeneratorRates, type GeneratorRates } from './generator-rates.ts'
export { measureAnalysisAlone, type AnalysisRate } from './analysis-alone.ts'
