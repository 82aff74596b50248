/**
 * A whole season of one paddy on a virtual clock: the simulator's field, and the production functions of
 * estimate and plan. A gauge with noise is read each hour; days are closed at midnight; the plan is
 * recalculated every hour and its runs opened in steps of ten minutes; a person approves in the morning and
 * sets the board the next morning. Everything follows the seed.
 */
import {
  addDays,
  dayOf,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  startOfDay,
  type AtMs,
  type Day,
} from '../../../../broker/contract/time.ts'
import type { FieldOptions } from '../../../../firmware-sim/field/field.ts'
import { random } from '../../../../firmware-sim/random.ts'
import { weatherAt } from '../../../../firmware-sim/weather/weather.ts'
import type { WeatherSource } from '../../../../firmware-sim/weather/weather-types.ts'
import { weatherFromNormals } from '../../../../firmware-sim/weather/weather-normals.ts'
import { createWorld, type FieldSummary } from '../../../../firmware-sim/world.ts'
import { defaultPaddy } from '../../../../services/agronomy/paddy/defaults.ts'
import type { RecentMeasurements } from '../../../../services/estimate/balance-types.ts'
import { fieldDayRow } from '../../../../services/estimate/days/field-day.ts'
import { fieldStateRow } from '../../../../services/estimate/now/field-state.ts'
import { drainedMm, dryHours, findFromGauge } from '../../../../services/estimate/paddy/level-gauge.ts'
import { measuredPercolationsMm, nightLossMmD } from '../../../../services/estimate/paddy/season.ts'
import type { Hours } from '../../../../services/estimate/days/hours.ts'
import { wettingOf } from '../../../../services/estimate/water/irrigation-depth.ts'
import { soilUsed } from '../../../../services/estimate/field-context.ts'
import { planChanges } from '../../../../services/plan/run/changeset.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import type { PaddyPlan } from '../../../../services/plan/paddy/paddy-plan.ts'
import { emptySnapshot, type FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import type { ForecastResponse } from '../../../../services/ports/forecast.ts'
import {
  readDecision,
  readTaskParams,
  type FieldDayRow,
  type FieldStateRow,
  type IrrigationRow,
  type PaddyRow,
  type RunRow,
  type TaskRow,
} from '../../../../services/tables.ts'
import { farmRow, fieldRow, irrigationRow, seasonRow, tokyo, zoneRow } from '../farm.ts'

export interface PaddySeasonOptions {
  seed: string
  plantedDay?: Day
  days?: number
  outlet?: 'gate' | 'board'
  settings?: Partial<PaddyRow>
  percolationMmDay?: number
  weather?: WeatherSource
  /** the gauge is silent in these hours since planting */
  isGaugeSilent?: (hour: number) => boolean
  /** each day, before it: events of the world or the person */
  eachDay?: (day: Day, doings: { setLeak(mmDay: number): void; say(set: Partial<PaddyRow>): void }) => void
}

export interface PaddyOutcome {
  truth: FieldSummary
  days: FieldDayRow[]
  runs: RunRow[]
  tasks: TaskRow[]
  /** every hour: the true level, and the plan (null: no decision possible) */
  hours: { atMs: AtMs; levelMm: number; plan: PaddyPlan | null; key: string }[]
  /** inlet and outlet open together, minutes */
  bothOpenMinutes: number
  inletMm: number
  /** maximum stored storm water above the band, m3 */
  stormM3: number
  reasonKeys: string[]
}

const place = { latDeg: 37.9, lonDeg: 139, elevationM: 5, timeZone: tokyo }
const AREA_M2 = 3000
const STEP_MS = 10 * MINUTE_MS

export function paddySeason(options: PaddySeasonOptions): PaddyOutcome {
  const { seed, plantedDay = '2026-05-14', days: length = 125, outlet = 'gate' } = options
  const source = options.weather ?? weatherFromNormals('rice-plain', '2026-01-01', seed)
  const weather = weatherAt(source, place, seed)
  const startMs = startOfDay(plantedDay, tokyo)
  const sim: FieldOptions = {
    id: 'field-1',
    kind: 'paddy',
    areaM2: AREA_M2,
    crop: 'rice',
    plantedDay,
    soil: 'clay-loam',
    startLevelMm: 40,
    percolationMmDay: options.percolationMmDay ?? 10,
    outletMm: 150,
    bundMm: 250,
  }
  const world = createWorld({ weather, fields: [sim], startMs, seed })
  const noise = random(`${seed}/gauge`)
  const farm = { ...farmRow, ...place }
  const field = fieldRow({
    kind: 'paddy',
    areaM2: AREA_M2,
    soilTexture: 'clay-loam',
    fieldCapacity: 0.4,
    saturation: 0.46,
  })
  const season = seasonRow({ crop: 'rice', plantedDay })
  const inlet = zoneRow({
    method: 'flood',
    efficiency: 1,
    areaM2: AREA_M2,
    applicationRateMmH: 12,
    maxDepthMm: 150,
    maxMinutes: 480,
    minMinutes: 10,
    windowFromMin: 0,
    windowToMin: 600,
    pumpId: null,
  })
  const gate = zoneRow({
    ...inlet,
    id: 'gate-1',
    name: 'outlet',
    method: 'outlet',
    applicationRateMmH: 10,
    windowFromMin: 0,
    windowToMin: 1440,
    controllerId: 'controller-2',
    valve: 'G1',
  })
  const zones = outlet === 'gate' ? [inlet, gate] : [inlet]
  let settings: PaddyRow = {
    fieldId: 'field-1',
    org: 'demo',
    ...defaultPaddy,
    boardMm: outlet === 'board' ? 150 : null,
    ...options.settings,
  }
  const soil = soilUsed(field, [])

  const dayRows: FieldDayRow[] = []
  const levels: { atMs: AtMs; mm: number }[] = []
  const rain: Hours = { atMs: [], mean: [], min: [], max: [], first: [], last: [] }
  let runs: RunRow[] = []
  const irrigations: IrrigationRow[] = []
  let tasks: TaskRow[] = []
  let advice: FarmSnapshot['advice'] = []
  const hours: PaddyOutcome['hours'] = []
  const opened = new Map<string, { run: RunRow; fromMs: AtMs; mm: number }>()
  let [rainTotal, ids, bothOpenMinutes, inletMm, stormM3] = [0, 0, 0, 0, 0]
  const reasonKeys = new Set<string>()

  const dayStation = (day: Day) => {
    const { tempMinC, tempMaxC, windMps, radiationMJm2, dewPointC, rainMm } = source.day(day)!
    const vapourKPa = 0.6108 * Math.exp((17.27 * dewPointC) / (dewPointC + 237.3))
    return {
      tempMinC,
      tempMaxC,
      vapourKPa,
      humidityMinPct: null,
      windMps,
      radiationMJm2,
      rainMm,
      isWhole: true,
    }
  }
  const irrigated = (fromMs: AtMs, toMs: AtMs) => {
    const mm = irrigations
      .filter((row) => row.zoneId === 'zone-1' && row.closedAtMs! >= fromMs && row.closedAtMs! < toMs)
      .reduce((sum, row) => sum + row.netMm!, 0)
    return { irrigationMm: mm, irrigationSdMm: 0.1 * mm, irrigationSource: 'metered' as const, notes: [] }
  }
  const recentOf = (): RecentMeasurements => {
    const rows = dayRows.slice(-14)
    return {
      et0Mm: rows.flatMap(({ et0Mm }) => et0Mm ?? []),
      temps: rows.flatMap(({ tempMinC, tempMaxC }) =>
        tempMinC === null || tempMaxC === null ? [] : [{ tempMinC, tempMaxC }],
      ),
      sankMm: measuredPercolationsMm(rows),
      nightLossMmD: nightLossMmD(rows),
    }
  }

  function closeDay(day: Day): void {
    const span = { fromMs: startOfDay(day, tokyo), toMs: startOfDay(addDays(day, 1), tokyo) }
    const own = levels.filter(({ atMs }) => atMs >= span.fromMs - 8 * HOUR_MS && atMs < span.toMs)
    const last = own.findLast(({ atMs }) => atMs >= span.toMs - 6 * HOUR_MS)
    const ended = irrigations.filter(
      (row) => row.commandedAtMs >= span.fromMs - DAY_MS && row.commandedAtMs < span.toMs,
    )
    const { row } = fieldDayRow(
      { field, soil, paddy: settings, farm },
      season,
      day,
      dayRows.at(-1),
      {
        near: [{ device: 'met', km: 0, day: dayStation(day), light: null }],
        irrigation: irrigated(span.fromMs, span.toMs),
        wetting: wettingOf([inlet]),
        sensors: [],
        probe: () => null,
        hasProbe: false,
        soilEcDsM: null,
        levelMm: last?.mm ?? null,
        drainedMm: drainedMm(
          zones.filter(({ method }) => method === 'outlet'),
          ended,
          span,
        ),
        gaugeFindings: (lossMmD, etcMm) =>
          findFromGauge({ levels: own, dry: dryHours(span, rain), span, etcMm }, ended, zones, lossMmD),
      },
      recentOf(),
      null,
    )
    dayRows.push(row)
  }

  function stateNow(nowMs: AtMs): FieldStateRow {
    const today = dayOf(nowMs, tokyo)
    const fromMs = startOfDay(today, tokyo)
    const newest = levels.at(-1) ?? null
    const fresh =
      newest === null || nowMs - newest.atMs > 6 * HOUR_MS
        ? 'lost'
        : nowMs - newest.atMs > 2 * HOUR_MS
          ? 'late'
          : 'ok'
    const et0Mm = dayRows.at(-1)?.et0Mm ?? 4
    const place = { field, soil, paddy: settings, farm }
    const inputs = {
      dayShare: Math.min(1, Math.max(0, ((nowMs - fromMs) / HOUR_MS - 6) / 12)),
      et0: { mm: et0Mm, sdMm: 1, method: 'persistence' },
      rainMm: weather.rainMm(fromMs, nowMs),
      rainSdMm: 1,
      irrigation: irrigated(fromMs, nowMs + 1),
      wetting: wettingOf([inlet]),
      sensors: [],
      level: newest,
      drainedMm: drainedMm(
        zones.filter(({ method }) => method === 'outlet'),
        irrigations,
        { fromMs, toMs: nowMs },
      ),
      fresh: { weather: 'ok', soil: null, level: fresh },
      inputs: [],
    } as const
    return fieldStateRow(place, season, today, nowMs, dayRows.slice(-14), { ...inputs, inputs: [] }, null)
  }

  /** A good forecast: the day's rain to a quarter, wider the further off. */
  function forecastAt(nowMs: AtMs): ForecastResponse {
    const today = dayOf(nowMs, tokyo)
    return {
      source: 'test',
      issuedMs: nowMs,
      days: Array.from({ length: 5 }, (_, i) => {
        const day = addDays(today, i)
        const { rainMm, tempMinC, tempMaxC } = source.day(day)!
        const error = 1 + 0.15 * Math.tanh(random(`${seed}/forecast/${day}`).normal())
        const mid = rainMm * error
        return {
          day,
          tempMinC,
          tempMaxC,
          rainMm: { lo: 0.5 * mid, mid, hi: 1.5 * mid + 1 },
          et0Mm: null,
          windMps: null,
        }
      }),
    }
  }

  function snapshotAt(nowMs: AtMs, state: FieldStateRow): FarmSnapshot {
    return {
      ...emptySnapshot(farm),
      fields: [field],
      seasons: [season],
      zones,
      paddies: [settings],
      tasks: tasks.filter(({ state: own }) => own === 'open'),
      states: [state],
      runs: runs.filter(
        (run) => run.startMs >= nowMs - 2 * DAY_MS || ['proposed', 'approved', 'running'].includes(run.state),
      ),
      irrigations: irrigations.filter(({ commandedAtMs }) => commandedAtMs >= nowMs - 2 * DAY_MS),
      advice,
      rainMm: new Map([['field-1', new Map(dayRows.slice(-4).map(({ day, rainMm }) => [day, rainMm]))]]),
      forecast: forecastAt(nowMs),
    }
  }

  function plan(nowMs: AtMs): void {
    const snapshot = snapshotAt(nowMs, stateNow(nowMs))
    const made = planFarm(snapshot, { nowMs, stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity })
    const draft = planChanges(snapshot, made, { nowMs, planVersion: '1', newId: () => `id-${++ids}` })
    for (const { id, from, set } of draft.changes.update)
      runs = runs.map((run) => (run.id === id && run.state === from ? { ...run, ...set } : run))
    runs.push(...draft.changes.insert)
    tasks = tasks.map((task) =>
      draft.tasks.drop.includes(task.id) ? { ...task, state: 'dropped' as const } : task,
    )
    tasks.push(...draft.tasks.insert)
    if (draft.advice.length > 0)
      advice = draft.advice.map((row) => {
        const decision = draft.decisions.find(({ id }) => id === row.decisionId)!
        return { ...row, decision: readDecision(decision.body), decisionAtMs: decision.atMs }
      })
    const key = made.advice[0]!.decision.key
    reasonKeys.add(key)
    const need = made.outcomes[0]?.need.need
    const own = need?.kind === 'paddy' ? need.plan : null
    hours.push({ atMs: nowMs, levelMm: world.levelMm('field-1')!, plan: own, key })
    if (own?.storm?.phase === 'now')
      stormM3 = Math.max(
        stormM3,
        (Math.max(0, world.levelMm('field-1')! - Math.max(0, own.targetBandMm?.[1] ?? 0)) * AREA_M2) / 1000,
      )
  }

  /** As dispatch: approved and due runs open, and close by themselves. */
  function dispatch(nowMs: AtMs): void {
    for (const [zoneId, { run, fromMs, mm }] of opened)
      if (nowMs >= fromMs + run.minutes * MINUTE_MS) {
        opened.delete(zoneId)
        if (zoneId === 'gate-1') world.setGate('field-1', false)
        runs = runs.map((one) => (one.id === run.id ? { ...one, state: 'done' as const } : one))
        irrigations.push(
          irrigationRow({
            id: `irr-${run.id}`,
            zoneId,
            runId: run.id,
            commandedAtMs: fromMs,
            openedAtMs: fromMs,
            closedAtMs: nowMs,
            ranMs: nowMs - fromMs,
            grossMm: mm,
            netMm: mm,
            litres: mm * AREA_M2,
          }),
        )
      }
    for (const run of runs)
      if (run.state === 'approved' && run.startMs <= nowMs && !opened.has(run.zoneId)) {
        opened.set(run.zoneId, { run, fromMs: nowMs, mm: 0 })
        if (run.zoneId === 'gate-1') world.setGate('field-1', true)
        runs = runs.map((one) => (one.id === run.id ? { ...one, state: 'running' as const } : one))
      }
    const flowing = opened.get('zone-1')
    if (flowing) {
      const mm = (12 * STEP_MS) / HOUR_MS
      world.addWater('field-1', mm)
      flowing.mm += mm
      inletMm += mm
      if (opened.has('gate-1')) bothOpenMinutes += STEP_MS / MINUTE_MS
    }
  }

  const endMs = startMs + length * DAY_MS
  for (let nowMs = startMs; nowMs < endMs; nowMs += STEP_MS) {
    world.advanceTo(nowMs)
    const today = dayOf(nowMs, tokyo)
    const sinceMidnight = nowMs - startOfDay(today, tokyo)
    if (sinceMidnight === 0) {
      if (nowMs > startMs) closeDay(addDays(today, -1))
      options.eachDay?.(today, {
        setLeak: (mmDay) => world.setLeak('field-1', mmDay),
        say: (set) => void (settings = { ...settings, ...set }),
      })
    }
    if (sinceMidnight % HOUR_MS === 0) {
      const hour = (nowMs - startMs) / HOUR_MS
      if (options.isGaugeSilent?.(hour) !== true)
        levels.push({
          atMs: nowMs,
          mm: Math.round(world.levelMm('field-1')! + 1.5 * Math.tanh(noise.normal())),
        })
      const fell = nowMs === startMs ? 0 : weather.rainMm(nowMs - HOUR_MS, nowMs)
      rainTotal += Math.round(fell * 2) / 2
      rain.atMs = [...rain.atMs.slice(-60), nowMs - HOUR_MS]
      for (const key of ['mean', 'min', 'max', 'first', 'last'] as const)
        rain[key] = [...rain[key].slice(-60), rainTotal]
      plan(nowMs)
    }
    // a person looks at seven
    if (sinceMidnight === 7 * HOUR_MS) {
      runs = runs.map((run) =>
        run.state === 'proposed' ? { ...run, state: 'approved' as const, approvedBy: 'user' } : run,
      )
      for (const task of tasks.filter(({ state, kind }) => state === 'open' && kind === 'set-board')) {
        const boardMm = Number(readTaskParams(task.params)['boardMm'])
        world.setOutlet('field-1', boardMm <= 0 ? -1 : boardMm)
        settings = { ...settings, boardMm }
        tasks = tasks.map((one) =>
          one.id === task.id ? { ...one, state: 'done' as const, endedBy: 'user' } : one,
        )
      }
    }
    dispatch(nowMs)
  }
  return {
    truth: world.summary('field-1'),
    days: dayRows,
    runs,
    tasks,
    hours,
    bothOpenMinutes,
    inletMm,
    stormM3,
    reasonKeys: [...reasonKeys],
  }
}

/**
 * Share of the hours with a known target in which the water was in the band, with a tolerance for the gauge's
 * noise.
 */
export function inBandPercent({ hours }: PaddyOutcome): number {
  const judged = hours.filter(({ plan }) => plan?.targetBandMm != null && plan.storm === null)
  const inside = judged.filter(
    ({ levelMm, plan }) => levelMm >= plan!.targetBandMm![0] - 5 && levelMm <= plan!.target.drainAboveMm + 15,
  )
  return (100 * inside.length) / judged.length
}

/** The same field under a farmer who keeps 5 cm and refills the deficit every morning: mm. */
export function constantDepth(seed: string, plantedDay: Day = '2026-05-14', length = 125): FieldSummary {
  const source = weatherFromNormals('rice-plain', '2026-01-01', seed)
  const startMs = startOfDay(plantedDay, tokyo)
  const world = createWorld({
    weather: weatherAt(source, place, seed),
    fields: [
      {
        id: 'field-1',
        kind: 'paddy',
        areaM2: AREA_M2,
        crop: 'rice',
        plantedDay,
        soil: 'clay-loam',
        startLevelMm: 40,
        percolationMmDay: 10,
        outletMm: 80,
        bundMm: 250,
      },
    ],
    startMs,
    seed,
  })
  for (let d = 0; d < length; d++) {
    world.advanceTo(startMs + d * DAY_MS + 6 * HOUR_MS)
    // a week of drainage after 35 days, and drained for the harvest after 105
    const isDry = (d >= 35 && d < 42) || d >= 105
    world.setOutlet('field-1', isDry ? -1 : 80)
    const levelMm = world.levelMm('field-1')!
    const storedMm = levelMm >= 0 ? levelMm : levelMm * 0.06
    if (!isDry && levelMm < 50) world.addWater('field-1', 50 - storedMm)
  }
  world.advanceTo(startMs + length * DAY_MS)
  return world.summary('field-1')
}
