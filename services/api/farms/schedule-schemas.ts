/** Time limits of zones and pumps in addition to window and capacity. An absent field limits nothing. */
import Type, { type Static } from 'typebox'
import { toJson, type PumpRow, type PumpSchedule, type ZoneRow, type ZoneSchedule } from '../../tables.ts'
import { fail } from '../../errors.ts'
import {
  Day,
  Form,
  Id,
  MinuteOfDay,
  OrNull,
  NonBlankLine,
  Positive,
} from '../http/validation/schema-primitives.ts'

const hours = { fromMin: MinuteOfDay, toMin: MinuteOfDay }
const HoursOfDay = Type.Array(Form(hours), { minItems: 1, maxItems: 8 })
const Minutes = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum })

export const ZoneScheduleForm = Form({
  windows: Type.Optional(HoursOfDay),
  waterTurns: Type.Optional(
    Type.Array(Form({ ...hours, fromDay: Day, everyDays: Minutes(1, 60) }), { minItems: 1, maxItems: 16 }),
  ),
  attendedHours: Type.Optional(HoursOfDay),
  maxWindMps: Type.Optional(Type.Number({ minimum: 0.1, maximum: 30, description: 'm/s at 2 m' })),
  frostBelowC: Type.Optional(Type.Number({ minimum: -10, maximum: 10 })),
  cycle: Type.Optional(Form({ maxMinutes: Minutes(1, 1440), soakMinutes: Minutes(0, 1440) })),
  dosing: Type.Optional(
    Form({
      unit: NonBlankLine(64),
      order: OrNull(Type.Integer({ minimum: 0, maximum: 1000 })),
      leadMinutes: Minutes(0, 240),
      flushMinutes: Minutes(0, 240),
    }),
  ),
})
export type ZoneScheduleForm = Static<typeof ZoneScheduleForm>

export const PumpScheduleForm = Form({
  windows: Type.Optional(HoursOfDay),
  changeoverMinutes: Type.Optional(Minutes(0, 60)),
  tariff: Type.Optional(
    Type.Array(Form({ ...hours, perM3: Type.Number({ minimum: 0, maximum: 1e6 }) }), {
      minItems: 1,
      maxItems: 24,
    }),
  ),
  currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'of the tariff, ISO 4217' })),
  season: Type.Optional(Form({ m3: Positive(1e9), fromDay: Day })),
})
export type PumpScheduleForm = Static<typeof PumpScheduleForm>
/** The pump or main that feeds a pump. */
export const FeedsFrom = OrNull(Id)

/** The column of a zone; BAD_REQUEST when parts of the form contradict each other. */
export function zoneSchedule(
  form: ZoneScheduleForm | null,
  { minMinutes }: Pick<ZoneRow, 'minMinutes'>,
): ZoneRow['schedule'] {
  if (form === null) return null
  if (form.cycle && form.cycle.maxMinutes < minMinutes)
    fail(
      'BAD_REQUEST',
      `schedule.cycle.maxMinutes: must be at least minMinutes (${minMinutes}), got ${form.cycle.maxMinutes}`,
    )
  const { cycle, dosing } = form
  if (cycle && dosing && dosing.order !== null) {
    const water = dosing.leadMinutes + dosing.flushMinutes
    if (water >= cycle.maxMinutes)
      fail(
        'BAD_REQUEST',
        `schedule.dosing: leadMinutes and flushMinutes must leave at least one minute of each cycle (${cycle.maxMinutes} min), got ${water} min`,
      )
  }
  return toJson<ZoneSchedule>(form as ZoneSchedule)
}

/** The column of a pump: its limits, and the id of the pump that feeds it. Null when there are neither. */
export const pumpSchedule = (
  form: PumpScheduleForm | null,
  feedsFrom: string | null,
): PumpRow['schedule'] => {
  if (form === null && feedsFrom === null) return null
  return toJson<PumpSchedule>({
    ...(form as PumpSchedule | null),
    ...(feedsFrom === null ? {} : { feedsFrom }),
  })
}
