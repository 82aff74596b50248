/** Quality control with hindsight: faults inserted into real series, and false alarms without faults. */
import { quantities } from '../../../broker/contract/quantities.ts'
import type { SoilTest } from '../../../services/agronomy/quality/soil-record.ts'
import { soilFindings } from '../../../services/agronomy/quality/soil.ts'
import { isOutOfRange } from '../../../services/ingest/quality.ts'
import { numberIn, type DataFolder, type DataTable } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atLeast, atMost, forComparison, type Score } from '../score.ts'

const GAPS = ['temp_with_gaps_C', 'temp_true_C']
const FAULTS = ['time', 'sm_pct', 'rain_mm', 'injected_fault']

export const quality: Line = {
  name: 'quality',
  about: 'sensor faults: detected where inserted, and no false alarms where there are none',
  parts: [
    {
      needs: [{ columns: FAULTS, like: 'data/qc-soil-faults' }],
      score: (data) => faultScores(data.tables(FAULTS).map(faultSeries)),
    },
    {
      needs: [
        {
          anyOf: [
            { columns: ['time', 'sm_rel', 'rain_mm'], like: 'data/soil-sm2rain-hourly' },
            { columns: ['local_time', 'rain_mm'], like: 'data/soil-scan-forddrylake-hourly' },
          ],
        },
      ],
      score: cleanScores,
    },
    {
      needs: [{ columns: GAPS, like: 'data/qc-winters-hourly-gaps' }],
      score: gapScores,
    },
  ],
}

interface Series {
  name: string
  stepH: number
  moisturePct: (number | null)[]
  waterMm: (number | null)[]
  soilTempC: (number | null)[]
  depthCm: number | null
  fault: string[]
}

/** The flag of each hour; '' where it passes. */
type Flagged = (SoilTest | 'range' | 'missing' | '')[]

function flagSeries({ stepH, moisturePct, waterMm, soilTempC, depthCm }: Series): Flagged {
  const kind = quantities['soil.moisture']
  const isOut = (pct: number | null) => pct !== null && isOutOfRange(kind, pct)
  const flags: Flagged = moisturePct.map((pct) => (pct === null ? 'missing' : isOut(pct) ? 'range' : ''))
  const inRange = moisturePct.map((pct) => (isOut(pct) ? null : pct))
  for (const { test, from, to } of soilFindings({
    stepH,
    moisturePct: inRange,
    waterMm,
    soilTempC,
    depthCm,
  }))
    for (let at = from; at < to; at++) if (flags[at] === '') flags[at] = test
  return flags
}

interface FaultEvent {
  fault: string
  name: string
  isFound: boolean
  hours: number
}

/** Each period of one fault; it is found when at least half of its hours are flagged. */
function eventsOf({ name, fault, stepH }: Series, flags: Flagged): FaultEvent[] {
  const events: FaultEvent[] = []
  for (let from = 0; from < fault.length;) {
    let to = from + 1
    while (to < fault.length && fault[to] === fault[from]) to++
    const flagged = flags.slice(from, to).filter((flag) => flag !== '').length
    const isFound = flagged >= (to - from) / 2
    if (fault[from] !== '')
      events.push({
        fault: fault[from]!,
        name: `${name}, step ${from + 1}`,
        isFound,
        hours: (to - from) * stepH,
      })
    from = to
  }
  return events
}

const STUCK_H = 24

function faultScores(series: Series[]): Score[] {
  const flags = series.map(flagSeries)
  const events = series.flatMap((oneSeries, i) => eventsOf(oneSeries, flags[i]!))
  const share = (figure: string, isOne: (event: FaultEvent) => boolean, least: number | null): Score[] => {
    const matching = events.filter(isOne)
    if (matching.length === 0) return []
    const missed = matching.filter(({ isFound }) => !isFound)
    const percent = (100 * (matching.length - missed.length)) / matching.length
    return [
      {
        ...(least === null
          ? forComparison(`${figure}, of ${matching.length}`, percent, '%', 0)
          : atLeast(`${figure}, of ${matching.length}`, percent, least, '%', 0)),
        missed: missed.map(({ fault, name }) => `${fault}: ${name}`),
      },
    ]
  }
  const named = (text: RegExp) => (event: FaultEvent) => text.test(event.fault)
  return [
    ...share('range faults found', named(/^(neg|over|range|below|above)/), 100),
    ...share('plateaus found', named(/^plateau/), 100),
    ...share('spikes found', named(/^spike/), 90),
    ...share(
      'stuck 24 h or longer found',
      (event) => /^stuck/.test(event.fault) && event.hours >= STUCK_H,
      90,
    ),
    ...share('drops and jumps found', named(/^(drop|jump)/), 80),
    ...share('gaps found', named(/^gap/), 100),
    ...share(
      'other faults found',
      named(/^(?!neg|over|range|below|above|plateau|spike|stuck|drop|jump|gap)/),
      null,
    ),
    atMost('clean hours flagged', falseAlarmPct(series, flags), 0.5, '%', 2),
    atMost('real rises after rain flagged', risesFlagged(series, flags), 0, '', 0),
  ]
}

/** A true frost is no false alarm: such a sensor does not detect ice. */
const isAlarm = (flag: Flagged[number]) => flag !== '' && flag !== 'missing' && flag !== 'frozen'

function falseAlarmPct(series: Series[], flags: Flagged[]): number {
  let clean = 0
  let alarms = 0
  series.forEach(({ fault, moisturePct }, s) =>
    fault.forEach((name, at) => {
      if (name !== '' || moisturePct[at] === null) return
      clean++
      if (isAlarm(flags[s]![at]!)) alarms++
    }),
  )
  return (100 * alarms) / clean
}

const RISE_PCT = 2
const RISE_H = 3
const RAIN_H = 24
const RAIN_MM = 0.2

/** Hours without a fault, 2 % vol wetter than three hours before and after rain within a day, that were flagged. */
function risesFlagged(series: Series[], flags: Flagged[]): number {
  let count = 0
  series.forEach(({ fault, moisturePct, waterMm }, s) => {
    for (let at = RISE_H; at < fault.length; at++) {
      const isClean = fault.slice(at - RISE_H, at + 1).every((name) => name === '')
      const rise = (moisturePct[at] ?? NaN) - (moisturePct[at - RISE_H] ?? NaN)
      const rainMm = waterMm
        .slice(Math.max(0, at - RAIN_H), at + 1)
        .reduce<number>((sum, mm) => sum + (mm ?? 0), 0)
      if (isClean && rise >= RISE_PCT && rainMm >= RAIN_MM && isAlarm(flags[s]![at]!)) count++
    }
  })
  return count
}

/** Real series without inserted faults. A flag there may be a fault of the real sensor: for comparison only. */
function cleanScores(data: DataFolder): Score[] {
  return cleanSeries(data).map((series) =>
    forComparison(`${series.name}, hours flagged`, falseAlarmPct([series], [flagSeries(series)]), '%', 2),
  )
}

// saturation less residual moisture, to convert relative into volumetric moisture (SOURCE.md: 25-35 %)
const RELATIVE_PCT = 30

function cleanSeries(data: DataFolder): Series[] {
  const relative = data.tables(['time', 'sm_rel', 'rain_mm']).map((table) => {
    const series = seriesOf(table, 'sm_rel', null)
    const moisturePct = series.moisturePct.map((rel) => (rel === null ? null : RELATIVE_PCT * rel))
    return { ...series, moisturePct }
  })
  const profiles = data.tables(['local_time', 'rain_mm']).flatMap((table) =>
    table.columns.flatMap((name) => {
      const depth = /^sm_(\d+)cm_pct$/.exec(name)?.[1]
      return depth === undefined ? [] : [seriesOf(table, name, `st_${depth}cm_C`, Number(depth))]
    }),
  )
  return [...relative, ...profiles]
}

const faultSeries = (table: DataTable): Series =>
  seriesOf(table, 'sm_pct', 'st_C', Number(/(\d+) ?cm/.exec(table.path)?.[1] ?? NaN))

function seriesOf(table: DataTable, moisture: string, temp: string | null, depthCm = NaN): Series {
  const { stepH, rowAt } = gridOf(table)
  const onGrid = (name: string) => {
    const values = column(table, name)
    return rowAt.map((row) => (row === null ? null : values[row]!))
  }
  return {
    name: Number.isNaN(depthCm) ? table.path : `${table.folder} ${depthCm} cm`,
    stepH,
    moisturePct: onGrid(moisture),
    waterMm: onGrid('rain_mm'),
    soilTempC: temp !== null && table.columns.includes(temp) ? onGrid(temp) : [],
    depthCm: Number.isNaN(depthCm) ? null : depthCm,
    fault: rowAt.map((row) => (row === null ? '' : (table.rows[row]!.injected_fault ?? ''))),
  }
}

/** The rows on an even grid, by their times; null for a missing row. Rows without readable times are consecutive. */
function gridOf(table: DataTable): { stepH: number; rowAt: (number | null)[] } {
  const hours = table.rows.map((row) => hourOf(row.time ?? row.local_time ?? ''))
  const steps = hours.slice(1).map((hour, i) => hour - hours[i]!)
  const stepH = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 1
  if (!(stepH > 0) || steps.some((step) => !(step > 0)))
    return { stepH: 1, rowAt: table.rows.map((_, row) => row) }
  const at = hours.map((hour) => Math.round((hour - hours[0]!) / stepH))
  const rowAt = new Array<number | null>(at.at(-1)! + 1).fill(null)
  at.forEach((place, row) => (rowAt[place] = row))
  return { stepH, rowAt }
}

/** Hours since 1970 of '2015-02-01T00:00', '2015-02-01 00:00:00' or '2015-02-01T00'; NaN of anything else. */
function hourOf(text: string): number {
  const [, day, hour, minute = '00'] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2})(?::(\d{2}))?/.exec(text) ?? []
  return day === undefined ? NaN : Date.parse(`${day}T${hour}:${minute}:00Z`) / 3_600_000
}

const column = (table: DataTable, name: string): (number | null)[] =>
  table.rows.map((_, row) => numberIn(table, row, name))

/** Gaps are never filled: a record with gaps is reported as such. */
function gapScores(data: DataFolder): Score[] {
  return data.tables(GAPS).map((table) => {
    const gaps = column(table, 'temp_with_gaps_C').filter((tempC) => tempC === null).length
    return forComparison(`${table.folder}, hours missing, left as gaps`, gaps, 'h', 0)
  })
}
