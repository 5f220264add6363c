import { measureGeneratorRates } from '@shardnet/load-generator/bench'
import type { BenchContext } from './context.ts'
import type { Figures } from './figures.ts'

const RATE_PER_SECOND = 25_000
const FOR_MS = 8_000

/** The load generator alone: what it offers over real sockets, how late, and for how much of a core. */
export async function measureGenerator({ signal, note, object }: BenchContext): Promise<Figures> {
  const rates = await measureGeneratorRates(RATE_PER_SECOND, FOR_MS, signal)
  note('generator', `${RATE_PER_SECOND}/s constant for ${FOR_MS / 1_000} s, signed before`)
  for (const reason of rates.reasons) object(reason)
  if (rates.received < rates.sent)
    object(`${rates.sent - rates.received} transactions never arrived`)
  if (rates.committed < rates.sent)
    object(`${rates.sent - rates.committed} were not seen to commit`)
  return {
    generatorSentPerSecond: rates.sentPerSecond,
    generatorLatenessP50Ms: rates.latenessP50Ms,
    generatorLatenessP99Ms: rates.latenessP99Ms,
    generatorCores: rates.cores,
    generatorCpuMicrosecondsPerTransaction: rates.cpuMicrosecondsPerTransaction,
  }
}
