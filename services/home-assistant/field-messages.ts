/** The state of a field and its valves as Home Assistant reads it. Pure. */
import { HOUR_MS, type AtMs } from '../../broker/contract/time.ts'
import type { FieldSummary } from '../domain/field-summary.ts'
import { moistureKey } from './describe-field.ts'
import { fieldTopic, valveTopic } from './topics.ts'

// an older reading is not the moisture of now
const MAX_MOISTURE_AGE_MS = 6 * HOUR_MS

/** A message by topic; both are retained. */
export type Messages = Map<string, string>

/** The messages about a field: its own, and one for each valve. What is unknown is null, never the last known value. */
export function fieldMessages(field: FieldSummary, { base, nowMs }: { base: string; nowMs: AtMs }): Messages {
  const { kind, waterLeftMm, levelMm, nextRun, status, hasProblem, moisture, valves } = field
  const water = kind === 'paddy' ? { water_level: levelMm } : { water_left: round(waterLeftMm) }
  const state = {
    ...water,
    next_run: nextRun === null ? null : new Date(nextRun.atMs).toISOString(),
    next_mm: nextRun === null ? null : round(nextRun.mm),
    status,
    problem: hasProblem ? 'ON' : 'OFF',
    ...Object.fromEntries(
      moisture.map((reading) => [
        moistureKey(reading),
        nowMs - reading.atMs > MAX_MOISTURE_AGE_MS ? null : round(reading.percent),
      ]),
    ),
  }
  return new Map([
    [fieldTopic(base, field.id), JSON.stringify(state)],
    ...valves.map((valve): [string, string] => [
      valveTopic(base, valve),
      JSON.stringify({ pos: valve.position }),
    ]),
  ])
}

const round = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10)
