/**
 * A season of real weather through a complete Tilth: broker, ingest, series, plan, commands and valves. The outcome has
 * the applied water, the stress of the crop, and the error of the reference evapotranspiration against the file's own.
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { addDays, dayOf, MINUTE_MS, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { readSettings } from '../../services/config/settings.ts'
import type { Logger } from '../../services/ports.ts'
import { progressBar, type ProgressBar } from '../../services/runtime/progress-bar.ts'
import type { CropName } from '../field/crop-kinds.ts'
import { openWeather } from '../weather/weather-open.ts'
import type { Site, WeatherSource } from '../weather/weather-types.ts'
import type { FieldPlan, Place } from './co-operative.ts'
import { scratchDir } from './scratch-dir.ts'
import { startSimulation, worldOf, type Simulation } from './simulation.ts'

export interface SeasonOptions {
  /** a CSV or `normals:<name>` */
  weather: string
  site: Site | null
  from: Day | null
  days: number
  seed: string
  crop?: CropName
  /** the source of the SERIES setting */
  env: Record<string, string | undefined>
  /** `share` 0-1 */
  progress?(share: number, day: Day): void
}

export interface FieldOutcome {
  field: string
  appliedMm: number
  rainMm: number
  drainageMm: number
  /** of the drainage: what the same field without irrigation does not drain */
  drainedOfIrrigationMm: number
  stressDays: number
  relativeYield: number
  runs: number
  meteredM3: number
}

export interface SeasonOutcome {
  weather: string
  crop: CropName
  fromDay: Day
  days: number
  series: string
  seconds: number
  messages: number
  deadLetters: number
  fields: FieldOutcome[]
  /** against the column of the file; null when it has none */
  et0: { days: number; rmseMm: number; biasMm: number; maxErrorMm: number; meanMm: number } | null
  /** hash of the zone, start and minutes of every run: equal for equal decisions */
  decisions: string
}

/** The progress bar of a season, on stderr. */
export const seasonProgress = (): ProgressBar => progressBar('season', { output: process.stderr })

const errorLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (fields, text) => console.error(text, fields),
}

/** Runs the season in a temporary folder. The error names the invalid option or line. */
export async function runSeason(options: SeasonOptions): Promise<Result<SeasonOutcome>> {
  const weather = openWeather(options.weather, {
    ...options,
    firstDay: `${(options.from ?? '2026').slice(0, 4)}-01-01`,
  })
  if (!weather.ok) return weather
  const { source, site } = weather.value
  const fromDay = options.from ?? addDays(source.firstDay, 105) // mid April
  const lastDay = addDays(fromDay, options.days - 1)
  // the weather after the last midnight is needed as well
  if (fromDay < source.firstDay || (source.lastDay !== null && lastDay >= source.lastDay))
    return err(
      `--from and --days request ${fromDay} to ${lastDay}, ${source.name} has ${source.firstDay} to ${source.lastDay}`,
    )

  const scratch = scratchDir('season')
  const env = { DATA_DIR: scratch.path, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1', PORT: '0', MQTT_PORT: '0' }
  const settings = readSettings({ ...env, SERIES: options.env.SERIES }, null)
  if (!settings.ok) return settings
  const crop = options.crop ?? 'cotton'
  const startedMs = performance.now()
  const place = seasonPlace(crop, fromDay, site, source.windHeightM)
  const simulation = await startSimulation({
    place,
    weather: source,
    seed: options.seed,
    fromDay,
    settings: settings.value,
    log: errorLogger,
  })
  try {
    // beyond the last midnight, so that the last day is closed
    const startMs = startOfDay(fromDay, site.timeZone)
    const endMs = startOfDay(addDays(lastDay, 1), site.timeZone) + 90 * MINUTE_MS
    await simulation.fastForward(endMs, (atMs) =>
      options.progress?.((atMs - startMs) / (endMs - startMs), dayOf(atMs, site.timeZone)),
    )
    return ok({
      weather: basename(source.name),
      crop,
      fromDay,
      days: options.days,
      series: settings.value.series.split(':')[0]!,
      seconds: (performance.now() - startedMs) / 1000,
      ...(await computeOutcome(
        simulation,
        place,
        source,
        unwateredDrainage(place, source, { startMs, endMs, seed: options.seed }),
      )),
    })
  } finally {
    await simulation.stop()
    scratch.remove()
  }
}

/** One farm, two fields of the crop on one pump: one with a probe, one with the water balance alone. */
function seasonPlace(crop: CropName, plantedDay: Day, site: Site, windHeightM: number): Place {
  const field = (id: string, name: string, probeDepthsCm: number[]): FieldPlan => ({
    id,
    name,
    kind: 'upland',
    crop,
    variety: null,
    plantedDay,
    areaM2: 10_000,
    soil: 'sandy-loam',
    zone: {
      mode: 'auto',
      method: 'sprinkler',
      rateMmH: 10,
      efficiency: 0.85,
      windowFromMin: 20 * 60,
      windowToMin: 8 * 60,
      maxMinutes: 300,
      maxDepthMm: 50,
      madFraction: null,
    },
    probeDepthsCm,
    pests: [],
  })
  return {
    org: 'season',
    name: 'Season',
    ...site,
    windHeightM,
    farms: [
      {
        id: 'farm-one',
        name: 'One',
        memberCode: null,
        hasStation: true,
        pump: { name: 'Pump', capacityLpm: 2000, maxOpenValves: 1, dailyM3: null },
        fields: [
          field('with-probe', 'With a probe', [15, 30, 60, 90]),
          field('without-probe', 'Without a probe', []),
        ],
      },
    ],
  }
}

/** Drainage of each field if nobody waters it, mm: a soil that starts full drains by itself. */
export function unwateredDrainage(
  place: Place,
  weather: WeatherSource,
  { startMs, endMs, seed }: { startMs: AtMs; endMs: AtMs; seed: string },
): ReadonlyMap<string, number> {
  const world = worldOf(place, weather, { startMs, seed })
  world.advanceTo(endMs)
  return new Map(world.fields.map((id) => [id, world.summary(id).drainageMm]))
}

async function computeOutcome(
  { tilth, world, devices }: Simulation,
  place: Place,
  weather: WeatherSource,
  unwateredMm: ReadonlyMap<string, number>,
) {
  const { state } = tilth
  const runs = await state
    .selectFrom('run')
    .selectAll()
    .where('state', 'in', ['done', 'failed'])
    .orderBy('startMs')
    .orderBy('zoneId')
    .execute()
  const records = await state.selectFrom('irrigation').selectAll().execute()
  const days = await state
    .selectFrom('fieldDay')
    .select(['day', 'et0Mm'])
    .where('fieldId', '=', place.farms[0]!.fields[0]!.id)
    .execute()
  const fields = place.farms[0]!.fields.map(({ id }): FieldOutcome => {
    const truth = world.summary(id)
    const fieldRecords = records.filter(({ fieldId }) => fieldId === id)
    return {
      field: id,
      appliedMm: truth.appliedMm,
      rainMm: truth.rainMm,
      drainageMm: truth.drainageMm,
      drainedOfIrrigationMm: Math.max(0, truth.drainageMm - unwateredMm.get(id)!),
      stressDays: truth.stressDays,
      relativeYield: truth.relativeYield,
      runs: fieldRecords.length,
      meteredM3: fieldRecords.reduce((sum, { litres }) => sum + (litres ?? 0), 0) / 1000,
    }
  })
  const pairs = days.flatMap(({ day, et0Mm }) => {
    const reported = weather.day(day)?.et0Mm
    return et0Mm === null || reported == null ? [] : [[et0Mm, reported] as const]
  })
  return {
    messages: devices.reduce((sum, device) => sum + device.sent(), 0),
    deadLetters: tilth.ingest.counters().deadLetters,
    fields,
    et0: agreement(pairs),
    decisions: createHash('sha256')
      .update(runs.map(({ zoneId, startMs, minutes }) => `${zoneId} ${startMs} ${minutes}\n`).join(''))
      .digest('hex')
      .slice(0, 16),
  }
}

function agreement(pairs: readonly (readonly [ours: number, theirs: number])[]): SeasonOutcome['et0'] {
  if (pairs.length === 0) return null
  const errors = pairs.map(([computedMm, reportedMm]) => computedMm - reportedMm)
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    days: pairs.length,
    rmseMm: Math.sqrt(mean(errors.map((error) => error * error))),
    biasMm: mean(errors),
    maxErrorMm: Math.max(...errors.map(Math.abs)),
    meanMm: mean(pairs.map(([, reportedMm]) => reportedMm)),
  }
}
