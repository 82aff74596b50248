/** Applies a person's change to a pump: absent fields stay, in its schedule and feed too. */
import Type, { type Static } from 'typebox'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { readPumpSchedule, type PumpRow } from '../../tables.ts'
import { supplyChain, pumpScheduleOf } from '../../domain/water-supply.ts'
import { ownRow } from '../http/own-row.ts'
import { FeedsFrom, PumpScheduleForm, pumpSchedule } from './schedule-schemas.ts'
import { Form, Name, OrNull, Positive } from '../http/validation/schema-primitives.ts'

export const PumpPatch = Form(
  {
    name: Type.Optional(Name),
    capacityLpm: Type.Optional(Positive(1e6)),
    dailyM3: Type.Optional(OrNull(Positive(1e9))),
    maxOpenValves: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    feedsFromId: Type.Optional(FeedsFrom),
    schedule: Type.Optional(OrNull(PumpScheduleForm)),
  },
  { minProperties: 1 },
)
export type PumpPatch = Static<typeof PumpPatch>

/** The schedule of a pump without its feed: the part that a person sees and sets. */
export function pumpScheduleForm({ schedule }: Pick<PumpRow, 'schedule'>): PumpScheduleForm | null {
  if (!schedule) return null
  const { feedsFrom: _, ...rest } = readPumpSchedule(schedule)
  return Object.keys(rest).length === 0 ? null : (rest as PumpScheduleForm)
}

/**
 * BAD_REQUEST for a main of another farm, or one that is fed by this pump; NOT_FOUND for another
 * organisation's.
 */
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
  if (source.farmId !== pump.farmId)
    fail('BAD_REQUEST', 'feedsFromId: must be a pump of the same farm, got one of another farm')
  const pumps = await state.selectFrom('pump').selectAll().where('farmId', '=', pump.farmId).execute()
  if (supplyChain({ pumps }, { pumpId: source.id }).includes(pump.id))
    fail('BAD_REQUEST', `feedsFromId: must not form a cycle, ${source.name} is fed by ${pump.name}`)
}
