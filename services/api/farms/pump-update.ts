/** What becomes of a pump that a person changes: what is left out stays, its schedule and what feeds it alike. */
import Type, { type Static } from 'typebox'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { fromJson, type PumpRow } from '../../tables.ts'
import { supplyChain, pumpScheduleOf } from '../../domain/water-supply.ts'
import { ownRow } from '../http/own-row.ts'
import { FeedsFrom, PumpScheduleForm, pumpSchedule } from './schedule-schemas.ts'
import { Form, Name, OrNull } from '../http/schema-primitives.ts'

export const PumpPatch = Form(
  {
    name: Type.Optional(Name),
    capacityLpm: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e6 })),
    dailyM3: Type.Optional(OrNull(Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }))),
    maxOpenValves: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    feedsFromId: Type.Optional(FeedsFrom),
    schedule: Type.Optional(OrNull(PumpScheduleForm)),
  },
  { minProperties: 1 },
)
export type PumpPatch = Static<typeof PumpPatch>

/** The schedule of a pump without what feeds it: what a person sees and sets. */
export function pumpScheduleForm({ schedule }: Pick<PumpRow, 'schedule'>): PumpScheduleForm | null {
  if (!schedule) return null
  const { feedsFrom: _, ...rest } = fromJson(schedule)
  return Object.keys(rest).length === 0 ? null : (rest as PumpScheduleForm)
}

/** BAD_REQUEST for a main of another farm, or one that would hang on this pump itself; NOT_FOUND for another's. */
export async function applyPumpPatch(state: State, pump: PumpRow, patch: PumpPatch): Promise<PumpRow> {
  const { feedsFromId, schedule, ...columns } = patch
  const feedsFrom = feedsFromId === undefined ? (pumpScheduleOf(pump).feedsFrom ?? null) : feedsFromId
  if (feedsFromId != null) await checkFeed(state, pump, feedsFromId)
  const hours = schedule === undefined ? pumpScheduleForm(pump) : schedule
  const defined = columns as Partial<PumpRow>
  return { ...pump, ...defined, schedule: pumpSchedule(hours, feedsFrom) }
}

async function checkFeed(state: State, pump: PumpRow, feedsFromId: string): Promise<void> {
  const source = await ownRow(state, 'pump', pump.org, feedsFromId)
  if (source.farmId !== pump.farmId) fail('BAD_REQUEST', 'feedsFromId: must be a pump of the same farm')
  const pumps = await state.selectFrom('pump').selectAll().where('farmId', '=', pump.farmId).execute()
  if (supplyChain({ pumps }, { pumpId: source.id }).includes(pump.id))
    fail('BAD_REQUEST', `feedsFromId: ${source.name} hangs on ${pump.name} itself, water would run in a ring`)
}
