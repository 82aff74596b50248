/** Reads the drainage of a paddy in a year, and in the years before. */
import { addDays, dayOf, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { readLastDays } from '../../domain/season-span.ts'
import { readWorkMaterial, type FarmRow, type FieldRow, type SeasonRow } from '../../tables.ts'
import { sha256OfRows } from '../season/season-source.ts'
import type { DrainageFacts, EvidenceDay, EvidencePhoto } from './drainage-evidence.ts'

const YEARS_BACK = 5
/** Photos of puddling belong to the season too. */
const PHOTOS_BEFORE_D = 30

export interface DrainageSource {
  field: FieldRow
  farm: FarmRow
  season: SeasonRow
  facts: DrainageFacts
  organic: { day: string; name: string | null; massKg: number | null; areaM2: number }[]
  sourceSha256: string
}

/** NOT_FOUND when the organisation has no such paddy, or no rice season in that year. */
export async function readDrainage(
  state: State,
  { org, fieldId, year }: { org: string; fieldId: string; year: number },
): Promise<DrainageSource> {
  const field = await state
    .selectFrom('field')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', fieldId)
    .where('kind', '=', 'paddy')
    .executeTakeFirst()
  if (!field) fail('NOT_FOUND', `paddy ${fieldId} not found`)
  const seasons = await state
    .selectFrom('season')
    .selectAll()
    .where('fieldId', '=', fieldId)
    .where('crop', '=', 'rice')
    .where('year', '<=', year)
    .where('year', '>=', year - YEARS_BACK)
    .orderBy('year', 'desc')
    .orderBy('plantedDay', 'desc')
    .execute()
  const season = seasons.find((candidate) => candidate.year === year)
  if (!season) fail('NOT_FOUND', `no rice was planted on ${fieldId} in ${year}`)
  const farm = await state
    .selectFrom('farm')
    .selectAll()
    .where('id', '=', field.farmId)
    .executeTakeFirstOrThrow()
  const paddy = await state
    .selectFrom('paddy')
    .select('baselineDays')
    .where('fieldId', '=', fieldId)
    .executeTakeFirst()
  const lastDays = await readLastDays(
    state,
    seasons.map(({ id }) => id),
  )
  const spanOf = ({ id, plantedDay }: SeasonRow): Span => ({
    fieldId,
    plantedDay,
    lastDay: lastDays.get(id)!,
  })
  const work = await readWork(state, spanOf(season), year)
  const before = []
  for (const earlier of seasons.filter((earlier) => earlier.year < year))
    before.push({ year: earlier.year, days: await readDays(state, spanOf(earlier)) })
  const days = await readDays(state, spanOf(season))
  const photos = (await readPhotos(state, spanOf(season))).map((photo) => ({
    day: dayOf(photo.takenMs, farm.timeZone),
    ...photo,
  }))
  const puddled = work.findLast(({ kind }) => kind === 'puddling')
  return {
    field,
    farm,
    season,
    facts: {
      plantedDay: season.plantedDay,
      days,
      before,
      statedDays: paddy?.baselineDays ?? null,
      puddledDay: puddled?.day ?? null,
      photos,
      drainedDays: work.flatMap(({ kind, day }) =>
        kind === 'drainage' && day >= season.plantedDay ? [day] : [],
      ),
    },
    organic: work
      .filter(({ kind }) => kind === 'organic')
      .map(({ day, material, massKg, areaM2 }) => ({
        day,
        massKg,
        areaM2,
        name: material === null ? null : readWorkMaterial(material).name,
      })),
    sourceSha256: sha256OfRows([[field, season], days, ...before.map((season) => season.days), work, photos]),
  }
}

interface Span {
  fieldId: string
  plantedDay: Day
  lastDay: Day // as in every report, `season-span.ts`
}

/** From transplanting to the last day. */
async function readDays(state: State, { fieldId, plantedDay, lastDay }: Span): Promise<EvidenceDay[]> {
  return state
    .selectFrom('fieldDay')
    .select(['day', 'levelMm', 'rainMm', 'irrigationMm', 'irrigationSource', 'notes', 'paddy'])
    .where('fieldId', '=', fieldId)
    .where('day', '>=', plantedDay)
    .where('day', '<=', lastDay)
    .orderBy('day')
    .execute()
}

/** Confirmed puddling, drainage and organic matter, since the previous harvest: straw is incorporated in autumn. */
const readWork = (state: State, { fieldId, lastDay }: Span, year: number) =>
  state
    .selectFrom('fieldWork')
    .select(['id', 'kind', 'day', 'material', 'massKg', 'areaM2'])
    .where('fieldId', '=', fieldId)
    .where('state', '=', 'confirmed')
    .where('kind', 'in', ['puddling', 'drainage', 'organic'])
    .where('day', '>=', `${year - 1}-09-01`)
    .where('day', '<=', lastDay)
    .orderBy('day')
    .orderBy('id')
    .execute()

/** Photos of valid work, since a month before transplanting. */
const readPhotos = (
  state: State,
  { fieldId, plantedDay, lastDay }: Span,
): Promise<Omit<EvidencePhoto, 'day'>[]> =>
  state
    .selectFrom('recordPhoto')
    .innerJoin('fieldWork', 'fieldWork.id', 'recordPhoto.recordId')
    .select(['recordPhoto.takenMs', 'recordPhoto.addedAtMs', 'recordPhoto.sha256', 'fieldWork.kind as work'])
    .where('recordPhoto.fieldId', '=', fieldId)
    .where('recordPhoto.voidedAtMs', 'is', null)
    .where('fieldWork.state', '<>', 'void')
    .where('recordPhoto.takenMs', '>=', startOfDay(addDays(plantedDay, -PHOTOS_BEFORE_D), 'UTC'))
    .where('recordPhoto.takenMs', '<', startOfDay(addDays(lastDay, 2), 'UTC'))
    .orderBy('recordPhoto.takenMs')
    .orderBy('recordPhoto.id')
    .execute()

/** JPEG bytes of some photos of a paddy, by SHA-256. */
export async function readPictures(
  state: State,
  { org, fieldId }: { org: string; fieldId: string },
  photos: readonly Pick<EvidencePhoto, 'sha256'>[],
): Promise<Map<string, Uint8Array>> {
  const rows = await state
    .selectFrom('recordPhoto')
    .select(['sha256', 'picture'])
    .where('org', '=', org)
    .where('fieldId', '=', fieldId)
    .where(
      'sha256',
      'in',
      photos.map(({ sha256 }) => sha256),
    )
    .execute()
  return new Map(rows.map(({ sha256, picture }) => [sha256, Buffer.from(picture, 'base64')]))
}
