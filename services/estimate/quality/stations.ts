/** Stations checked with hindsight: each by its own hours and the sun, and against its neighbours. Pure. */
import { HOUR_MS, dayOf, dayOfYear, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { Place } from '../../agronomy/evapotranspiration/radiation.ts'
import { neighbourFindings, weatherFindings, type WeatherFinding } from '../../agronomy/quality/weather.ts'
import { hoursOf, type Hours, type Span } from '../days/hours.ts'

export interface StationRecord {
  place: Place
  temperature: Hours | undefined
  radiation: Hours | undefined
  neighbours: readonly (Hours | undefined)[] // temperatures
}

export interface StationFinding extends Span {
  quantity: 'air.temperature' | 'solar.radiation'
  test: WeatherFinding['test']
}

const quantityOf = { tempC: 'air.temperature', radiationWm2: 'solar.radiation', dewC: null } as const

/** Spans of hours in which a quantity of a station is not reliable. */
export function checkStation(station: StationRecord, span: Span): StationFinding[] {
  const { fromMs, toMs } = hoursOf(span)
  const count = Math.max(0, Math.round((toMs - fromMs) / HOUR_MS))
  const column = (hours: Hours | undefined, key: 'mean' | 'min' | 'max') => {
    const values = new Array<number | null>(count).fill(null)
    hours?.atMs.forEach((atMs, i) => {
      const h = (atMs - fromMs) / HOUR_MS
      if (h >= 0 && h < count) values[h] = hours[key][i]!
    })
    return values
  }
  const tempC = column(station.temperature, 'mean')
  const ownFindings = weatherFindings(
    {
      hours: Array.from({ length: count }, (_, h) => sunHour(fromMs + (h + 0.5) * HOUR_MS)),
      tempC,
      radiationWm2: column(station.radiation, 'mean'),
    },
    station.place,
  )
  const neighbourResults = neighbourFindings(
    tempC,
    station.neighbours.map((hours) => column(hours, 'mean')),
  )
  return [...ownFindings, ...neighbourResults].flatMap(({ test, of, from, to }) => {
    const quantity = quantityOf[of]
    return quantity === null
      ? []
      : [{ quantity, test, fromMs: fromMs + from * HOUR_MS, toMs: fromMs + to * HOUR_MS }]
  })
}

function sunHour(midMs: AtMs): { J: number; midUtcHour: number } {
  const day = dayOf(midMs, 'UTC')
  return { J: dayOfYear(day), midUtcHour: (midMs - startOfDay(day, 'UTC')) / HOUR_MS }
}
