import { z } from 'zod'
import { count, ms } from './shapes.ts'

const dollars = z.number().min(0)

/** What something costs, in US dollars. */
export const CostFigures = z.strictObject({
  perHour: dollars.describe('Machines and disks for an hour, and egress at this rate.'),
  machinesPerHour: dollars,
  disksPerHour: dollars,
  egressPerHour: dollars,
  run: dollars.describe('The run: its hours, and its egress.'),
  runMs: ms,
  perMillionCommitted: dollars.nullable().describe('Run over committed transactions, per million.'),
})
export type CostFigures = z.infer<typeof CostFigures>

/** What a run costs, by the dated price table. */
export const Cost = z
  .strictObject({
    currency: z.literal('USD'),
    pricesAsOf: z.iso.date().describe('Date of the price table.'),
    estimate: CostFigures.nullable().describe('Before the run, from what was asked.'),
    actual: CostFigures.nullable().describe('After the run, from what was measured.'),
    machines: z.array(
      z.strictObject({
        place: z.string(),
        cloud: z.string(),
        region: z.string(),
        machineType: z.string(),
        purchase: z.enum(['onDemand', 'spot']),
        count,
        pricePerHour: dollars,
        isVerified: z
          .boolean()
          .describe('The price was read from a source; otherwise it is derived, as notes say.'),
      }),
    ),
    egress: z.array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        bytes: z.number().min(0),
        pricePerGigabyte: dollars,
        cost: dollars,
        isMeasured: z.boolean(),
      }),
    ),
    budget: z.strictObject({ limit: dollars, spent: dollars, endedTheRun: z.boolean() }).nullable(),
    notes: z
      .array(z.string())
      .describe('What is not in the figures, and which prices are guesses.'),
  })
  .describe('Cost of the run.')
export type Cost = z.infer<typeof Cost>
