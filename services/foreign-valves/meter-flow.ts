/** The flow through a meter of another make than the valve, from what it publishes. Pure. */
import type { Telemetry } from '../../broker/contract/messages.ts'
import type { ForeignValue } from '../integrations/foreign-message.ts'

/** What a meter shows at one time. */
export interface MeterReading {
  lpm: number | null
  totalLitres: number | null
}

/** The reading in a message of Tilth's own telemetry; null: it has none. */
export function readingOfTelemetry({ measurements }: Telemetry): MeterReading | null {
  const lpm = measurements.map(({ tilth }) => tilth?.flow ?? null)
  const totals = measurements.map(({ metering }) => metering?.water?.total ?? null)
  return readingOf(lpm, totals)
}

/** The reading in the values of another make; null: they have none. */
export function readingOfValues(values: readonly ForeignValue[]): MeterReading | null {
  const now = values.filter(({ atMs, isGrowth }) => atMs === null && !isGrowth)
  const of = (name: string) =>
    now.filter(({ quantity }) => quantity.split('/')[0] === name).map(({ value }) => value)
  return readingOf(of('water.flow'), of('water.total'))
}

/** Of several pipes all count: water in any of them is water. */
function readingOf(lpm: readonly (number | null)[], totals: readonly (number | null)[]): MeterReading | null {
  const sum = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((all, value) => all + value, 0)
  }
  const reading = { lpm: sum(lpm), totalLitres: sum(totals) }
  return reading.lpm === null && reading.totalLitres === null ? null : reading
}

/** The flow of a reading, from its count where the one before is known; null: it shows none. */
export function flowBetween(before: MeterReading | null, now: MeterReading): number | null {
  if (now.totalLitres !== null && before?.totalLitres != null)
    // a count that has grown is water, whatever the flow shows
    return now.totalLitres === before.totalLitres ? (now.lpm ?? 0) : Math.max(now.lpm ?? 0, 1)
  return now.lpm
}
