/** Reads the water of the last 12 months: of own farms and of members that share their water. */
import { addDays, dayOf, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { orgTimeZones } from '../../domain/org-time-zone.ts'
import type { State } from '../../ports.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import type { ProgressCallback } from '../../runtime/progress.ts'
import { readWaterRecordStart } from '../season/water-records-since.ts'
import {
  displayNames,
  MIN_MEMBERS,
  readSources,
  roundedArea,
  sharesWithoutName,
  sourcesSharing,
  withAliasesOf,
  type Source,
} from '../season/sharing.ts'
import type { SpringField } from './spring-water.ts'

const BATCH_SIZE = 25
const DAYS = 365

export interface SpringSpan {
  fromDay: Day
  throughDay: Day
}
export interface Spring {
  span: SpringSpan
  fields: SpringField[]
}

/**
 * The 365 days up to yesterday in the organisation's time zone, of one member or of all; fields in the order of code, member, name. `onProgress`
 * receives the share done.
 */
export async function readSpring(
  state: State,
  { org, farmId }: { org: string; farmId: string | null },
  nowMs: AtMs,
  onProgress?: ProgressCallback,
): Promise<Spring> {
  const timeZone = (await orgTimeZones(state, [org])).get(org) ?? 'UTC'
  const throughDay = addDays(dayOf(nowMs, timeZone), -1)
  const span = { fromDay: addDays(throughDay, 1 - DAYS), throughDay }
  const { sources } = await readSources(state, org, nowMs)
  const named = withAliasesOf(sources, Number(throughDay.slice(0, 4)))
  const fields: (SpringField & { name: string; id: string })[] = []
  const shared = sourcesSharing(named, 'water')
  // too few members under an alias have no line
  const sharing =
    shared.filter(sharesWithoutName).length < MIN_MEMBERS
      ? shared.filter((source) => !sharesWithoutName(source))
      : shared
  let read = 0
  for (const batch of chunks(sharing, BATCH_SIZE)) {
    fields.push(...(await readFieldBatch(state, batch, span)))
    onProgress?.((read += batch.length) / sharing.length)
  }
  const order = ({ memberCode, member, name }: (typeof fields)[number]) =>
    [memberCode ?? '\uffff', member, name].join('\u0000')
  return {
    span,
    fields: fields
      .filter((field) => farmId === null || field.id === farmId)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1)),
  }
}

async function readFieldBatch(state: State, sources: readonly Source[], span: SpringSpan) {
  const orgs = sources.map(({ org }) => org)
  const farms = await state.selectFrom('farm').selectAll().where('org', 'in', orgs).execute()
  const rows = await state.selectFrom('field').selectAll().where('org', 'in', orgs).execute()
  const seasons = await state
    .selectFrom('season')
    .select(['fieldId', 'crop', 'plantedDay', 'harvestedDay'])
    .where('org', 'in', orgs)
    .where('plantedDay', '<=', span.throughDay)
    .where((eb) => eb.or([eb('harvestedDay', 'is', null), eb('harvestedDay', '>=', span.fromDay)]))
    .orderBy('plantedDay', 'desc') // of overlapping seasons the later one counts
    .execute()
  const runs = await state
    .selectFrom('irrigation')
    .select(['fieldId', 'openedAtMs', 'commandedAtMs', 'litres', 'volumeSource'])
    .where('org', 'in', orgs)
    .where('voidedAtMs', 'is', null)
    // wide enough for any time zone; the farm's own decides below
    .where('commandedAtMs', '>=', startOfDay(addDays(span.fromDay, -1), 'UTC'))
    .orderBy('commandedAtMs')
    .orderBy('id')
    .execute()
  const writtenFrom = await readWaterRecordStart(
    state,
    rows.map(({ id }) => id),
  )
  const seasonsOf = groupBy(seasons, ({ fieldId }) => fieldId)
  const runsOf = groupBy(runs, ({ fieldId }) => fieldId)
  return sources.flatMap((source) => {
    const ownFarms = farms.filter(({ org }) => org === source.org)
    const ownFields = rows.filter(({ org }) => org === source.org)
    const names = displayNames(source, ownFarms, ownFields)
    return ownFields.flatMap((field) => {
      const farm = ownFarms.find(({ id }) => id === field.farmId)
      if (!farm) return []
      const fromMs = writtenFrom.get(field.id)
      const areaM2 = sharesWithoutName(source) ? roundedArea(field.areaM2) : field.areaM2
      const scale = areaM2 / field.areaM2
      return [
        {
          id: sharesWithoutName(source) ? names.farms.get(farm.id)! : farm.id,
          farmId: farm.id,
          member: names.farms.get(farm.id)!,
          name: names.fields.get(field.id)!,
          memberCode: memberCodeOf(source, farm.memberCode),
          areaM2,
          recordedFrom: fromMs === undefined ? null : dayOf(fromMs, farm.timeZone),
          crops: (seasonsOf.get(field.id) ?? []).map(({ crop, plantedDay, harvestedDay }) => ({
            crop,
            plantedDay,
            lastDay: harvestedDay,
          })),
          runs: (runsOf.get(field.id) ?? []).flatMap((run) => {
            const day = dayOf(run.openedAtMs ?? run.commandedAtMs, farm.timeZone)
            if (day < span.fromDay || day > span.throughDay) return []
            const litres = run.volumeSource === 'unknown' || run.litres === null ? null : run.litres * scale
            return [{ day, litres, isMetered: run.volumeSource === 'metered' }]
          }),
        },
      ]
    })
  })
}

const memberCodeOf = ({ share }: Source, ownCode: string | null): string | null =>
  share === null ? ownCode : share.isNamed ? share.memberCode : null
