/** Reads a farm's seasons: harvests, and the water, stress and heat of each from its field's days. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { seasonYield } from '../../domain/yield/season-yield.ts'
import { farmSeasonSpans } from '../../domain/season-span.ts'
import { sum } from '../../runtime/math.ts'
import type { FarmRow, HarvestLoadRow } from '../../tables.ts'
import type { Stores, Subject } from '../fitting/learner.ts'
import type { Harvest } from './regression.ts'
import type { YieldSeasons } from './forecast.ts'

/** One for each field and crop that has been harvested, or is active where the farm has harvested that crop. */
export async function loadYield(
  { state }: Stores,
  farm: FarmRow,
  throughDay: Day,
): Promise<Subject<YieldSeasons>[]> {
  const seasons = await readSeasons(state, farm, throughDay)
  const subjects = new Map<string, Subject<YieldSeasons>>()
  for (const crop of new Set(seasons.map((season) => season.crop))) {
    const ofCrop = seasons.filter((season) => season.crop === crop)
    const weighed = ofCrop.filter((season) => season.tonsPerHa !== null && season.harvestedDay !== null)
    // brown rice is not rough rice: a yield that cannot be converted to the crop's basis is compared only with its
    // like
    const harvested = weighed.filter((season) => season.basis === weighed.at(-1)!.basis)
    if (harvested.length === 0) continue
    const keys = (['water', 'deficit', 'heat'] as const).filter((key) =>
      harvested.every(({ features }) => features[key] !== null),
    )
    const featuresOf = ({ features }: Season): Harvest['features'] =>
      Object.fromEntries(keys.flatMap((key) => (features[key] === null ? [] : [[key, features[key]]])))
    const harvests = harvested.map((season) => ({
      place: season.fieldId,
      year: season.year,
      fold: String(season.year),
      yield: season.tonsPerHa!,
      features: featuresOf(season),
    }))
    const lengths = harvested.map((season) => daysBetween(season.plantedDay, season.harvestedDay!))
    for (const fieldId of new Set(ofCrop.map((season) => season.fieldId))) {
      const running = ofCrop.findLast((season) => season.fieldId === fieldId && season.isRunning)
      const subject = `${fieldId}/${crop}`
      subjects.set(subject, {
        subject,
        fieldId,
        deviceId: null,
        data: {
          place: fieldId,
          harvests,
          running: running
            ? { year: running.year, plantedDay: running.plantedDay, features: featuresOf(running) }
            : null,
          usualLengthD: Math.max(1, sum(lengths) / lengths.length),
          fromDay: harvested[0]!.plantedDay,
          throughDay,
          timeZone: farm.timeZone,
        },
      })
    }
  }
  return [...subjects.values()]
}

interface Season {
  fieldId: string
  crop: string
  year: number
  plantedDay: Day
  harvestedDay: Day | null
  isRunning: boolean // neither harvested nor followed by the next one, see `season-span.ts`
  tonsPerHa: number | null
  basis: string | null // of an entered yield that cannot be converted to the crop's basis; null: it is on that basis
  features: {
    water: number | null // rain and net irrigation, mm/d
    deficit: number | null // 1 - ETa/ETc, the stress of FAO-33
    heat: number | null // mean temperature, °C
  }
}

const MIN_SHARE = 0.8 // share of a season's days that must be known, otherwise its mean is not representative. Unconfirmed

async function readSeasons(state: Stores['state'], farm: FarmRow, throughDay: Day): Promise<Season[]> {
  const rows = await state
    .selectFrom(farmSeasonSpans(state, farm).as('span'))
    .innerJoin('season', 'season.id', 'span.seasonId')
    .innerJoin('field', 'field.id', 'season.fieldId')
    .leftJoin('fieldDay', (join) =>
      join
        .onRef('fieldDay.fieldId', '=', 'span.ofField')
        .onRef('fieldDay.day', '>=', 'span.firstDay')
        .onRef('fieldDay.day', '<=', 'span.lastDay')
        .on('fieldDay.day', '<=', throughDay),
    )
    .select((row) => [
      'season.id as id',
      'season.fieldId as fieldId',
      'season.crop as crop',
      'season.year as year',
      'season.plantedDay as plantedDay',
      'season.harvestedDay as harvestedDay',
      'span.lastDay as lastDay',
      'season.yieldKg as yieldKg',
      'season.yieldBasis as yieldBasis',
      'season.harvestedM2 as harvestedM2',
      'season.hullShare as hullShare',
      'season.fieldM2 as fieldM2',
      'field.areaM2 as areaM2',
      row.fn.avg<number | null>('fieldDay.rainMm').as('rainMm'),
      row.fn.count<number>('fieldDay.rainMm').as('rainDays'),
      row.fn.avg<number | null>('fieldDay.irrigationMm').as('irrigationMm'),
      row.fn.avg<number | null>('fieldDay.etaMm').as('etaMm'),
      row.fn.count<number>('fieldDay.etaMm').as('etaDays'),
      // of the days with both known
      row.fn
        .avg<number | null>(
          row.case().when('fieldDay.etaMm', 'is', null).then(null).else(row.ref('fieldDay.etcMm')).end(),
        )
        .as('etcMm'),
      row.fn.avg<number | null>('fieldDay.tempMinC').as('tempMinC'),
      row.fn.avg<number | null>('fieldDay.tempMaxC').as('tempMaxC'),
      row.fn.count<number>('fieldDay.tempMaxC').as('tempDays'),
    ])
    .where('season.plantedDay', '<=', throughDay)
    .groupBy([
      'season.id',
      'season.fieldId',
      'season.crop',
      'season.year',
      'season.plantedDay',
      'season.harvestedDay',
      'span.lastDay',
      'season.yieldKg',
      'season.yieldBasis',
      'season.harvestedM2',
      'season.hullShare',
      'season.fieldM2',
      'field.areaM2',
    ])
    .orderBy('season.plantedDay')
    .execute()
  const loads = await readLoads(state, farm)
  return rows.map((row): Season => {
    const place = { areaM2: row.fieldM2 ?? row.areaM2, timeZone: farm.timeZone }
    const result = seasonYield(row, place, loads.get(row.id) ?? [])
    const kg = result.kg ?? result.entered?.kg ?? null
    const lastDay = row.lastDay < throughDay ? row.lastDay : throughDay
    const days = daysBetween(row.plantedDay, addDays(lastDay, 1))
    const isHarvested = row.harvestedDay !== null && row.harvestedDay <= throughDay
    const isKnown = (count: number) => Number(count) >= MIN_SHARE * days
    return {
      fieldId: row.fieldId,
      crop: row.crop,
      year: row.year,
      plantedDay: row.plantedDay,
      harvestedDay: isHarvested ? row.harvestedDay : null,
      isRunning: !isHarvested && row.lastDay >= throughDay,
      basis: result.kg === null ? row.yieldBasis : null,
      tonsPerHa: kg === null || !(result.areaM2 > 0) ? null : (10 * kg) / result.areaM2,
      features: {
        water: isKnown(row.rainDays) ? row.rainMm! + (row.irrigationMm ?? 0) : null,
        deficit: isKnown(row.etaDays) && row.etcMm! > 0 ? 1 - Math.min(1, row.etaMm! / row.etcMm!) : null,
        heat: isKnown(row.tempDays) ? (row.tempMinC! + row.tempMaxC!) / 2 : null,
      },
    }
  })
}

async function readLoads(state: Stores['state'], farm: FarmRow): Promise<Map<string, HarvestLoadRow[]>> {
  const rows = await state
    .selectFrom('harvestLoad')
    .selectAll()
    .where('org', '=', farm.org)
    .where('farmId', '=', farm.id)
    .execute()
  const bySeason = new Map<string, HarvestLoadRow[]>()
  for (const row of rows) bySeason.set(row.seasonId, [...(bySeason.get(row.seasonId) ?? []), row])
  return bySeason
}
