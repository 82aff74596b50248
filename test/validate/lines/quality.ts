/** Quality control with hindsight: faults that were put into real series, and what is flagged where there are none. */
import { quantities } from '../../../broker/contract/quantities.ts'
import type { SoilTest } from '../../../services/agronomy/quality-record.ts'
import { soilFindings } from '../../../services/agronomy/quality-soil.ts'
import { isOutOfRange } from '../../../services/ingest/quality.ts'
import { numberIn, type DataFolder, type DataTable } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atLeast, atMost, told, type Score } from '../score.ts'

const FAULTS = ['time', 'sm_pct', 'rain_mm', 'injected_fault']

export const quality: Line = {
  name: 'quality',
  about: 'sensor faults: found in series with faults put in, and not seen where there are none',
  needs: [{ columns: FAULTS, like: 'data/qc-soil-faults' }],
  score: (data) => [
    ...faultScores(data.tables(FAULTS).map(faultSeries)),
    ...soundScores(data),
    ...gapScores(data),
  ],
}

interface Series {
  name: string
  moisturePct: (number | null)[]
  waterMm: (number | null)[]
  soilTempC: (number | null)[]
  depthCm: number | null
  fault: string[]
}

/** What each hour was flagged for; '' where it passes. */
type Flagged = (SoilTest | 'range' | 'missing' | '')[]

function flagged({ moisturePct, waterMm, soilTempC, depthCm }: Series): Flagged {
  const kind = quantities['soil.moisture']
  const isOut = (pct: number | null) => pct !== null && isOutOfRange(kind, pct)
  const flags: Flagged = moisturePct.map((pct) => (pct === null ? 'missing' : isOut(pct) ? 'range' : ''))
  const inRange = moisturePct.map((pct) => (isOut(pct) ? null : pct))
  for (const { test, from, to } of soilFindings({
    stepH: 1,
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

/** Each stretch of one fault; it is found when at least half of its hours are flagged. */
function eventsOf({ name, fault }: Series, flags: Flagged): FaultEvent[] {
  const events: FaultEvent[] = []
  for (let from = 0; from < fault.length;) {
    let to = from + 1
    while (to < fault.length && fault[to] === fault[from]) to++
    const seen = flags.slice(from, to).filter((flag) => flag !== '').length
    const isFound = seen >= (to - from) / 2
    if (fault[from] !== '')
      events.push({ fault: fault[from]!, name: `${name}, row ${from + 2}`, isFound, hours: to - from })
    from = to
  }
  return events
}

const STUCK_H = 24

function faultScores(series: Series[]): Score[] {
  const flags = series.map(flagged)
  const events = series.flatMap((one, i) => eventsOf(one, flags[i]!))
  const share = (figure: string, isOne: (event: FaultEvent) => boolean, least: number): Score[] => {
    const some = events.filter(isOne)
    if (some.length === 0) return []
    const missed = some.filter(({ isFound }) => !isFound)
    const percent = (100 * (some.length - missed.length)) / some.length
    return [
      {
        ...atLeast(`${figure}, of ${some.length}`, percent, least, '%', 0),
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
      0,
    ),
    atMost('clean hours flagged', falseShare(series, flags), 0.5, '%', 2),
    atMost('real rises after rain flagged', risesFlagged(series, flags), 0, '', 0),
  ]
}

/** A true frost is no false alarm: ice is not seen by such a sensor. */
const isAlarm = (flag: Flagged[number]) => flag !== '' && flag !== 'missing' && flag !== 'frozen'

function falseShare(series: Series[], flags: Flagged[]): number {
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

/** Real series in which nobody put a fault. What is flagged there may be a fault of the real sensor: told only. */
function soundScores(data: DataFolder): Score[] {
  return soundSeries(data).map((series) =>
    told(`${series.name}, hours flagged`, falseShare([series], [flagged(series)]), '%', 2),
  )
}

// saturation less residual moisture, by which relative moisture is made volumetric (SOURCE.md: 25-35 %)
const RELATIVE_PCT = 30

function soundSeries(data: DataFolder): Series[] {
  const relative = data.tables(['time', 'sm_rel', 'rain_mm']).map((table) => ({
    ...seriesOf(table, 'sm_rel', null),
    name: table.path,
    moisturePct: column(table, 'sm_rel').map((rel) => (rel === null ? null : RELATIVE_PCT * rel)),
  }))
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
  return {
    name: Number.isNaN(depthCm) ? table.path : `${table.folder} ${depthCm} cm`,
    moisturePct: column(table, moisture),
    waterMm: column(table, 'rain_mm'),
    soilTempC: temp !== null && table.columns.includes(temp) ? column(table, temp) : [],
    depthCm: Number.isNaN(depthCm) ? null : depthCm,
    fault: table.rows.map((row) => row.injected_fault ?? ''),
  }
}

const column = (table: DataTable, name: string): (number | null)[] =>
  table.rows.map((_, row) => numberIn(table, row, name))

/** A gap stays a gap: Tilth invents no reading, so a record with gaps is told, and nothing of it is filled. */
function gapScores(data: DataFolder): Score[] {
  return data.tables(['temp_with_gaps_C', 'temp_true_C']).map((table) => {
    const gaps = column(table, 'temp_with_gaps_C').filter((tempC) => tempC === null).length
    return told(`${table.folder}, hours missing, left as gaps`, gaps, 'h', 0)
  })
}
