/** The water of an upland field at the end of a civil day, as the next day continues it. */
import Type, { type Static } from 'typebox'
import type { Day } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

/** The sums of irrigation-model/crop-growth.ts. */
export const CropGrowth = Type.Object({
  growth: Type.Number(),
  flowers: Type.Number(),
  filled: Type.Number(),
  stomata: Type.Number(),
  leaves: Type.Number(),
})

const SensorMemory = Type.Object({
  id: Type.String(),
  /** of irrigation-model/probe-trust.ts, which alone reads it */
  probe: Type.Unsafe<unknown>(Type.Object({})),
  last: Type.Union([Type.Number(), Type.Null()]),
  isSilent: Type.Boolean(),
  sameDays: Type.Number(),
  refusedDays: Type.Number(),
})

/** The night that ended a crop. */
export const FrostNight = Type.Object({ day: Type.String(), minC: Type.Number() })

const StoredWater = Type.Object({
  crop: Type.String(),
  plantedDay: Type.String(),
  ageD: Type.Number(),
  wettedFraction: Type.Number(),
  layers: Type.Array(
    Type.Object({ toM: Type.Number(), fieldCapacity: Type.Number(), wiltingPoint: Type.Number() }),
  ),
  sensors: Type.Array(SensorMemory),
  sensorDepthsM: Type.Array(Type.Number()),
  growth: CropGrowth,
  wiltingDays: Type.Number(),
  isRegrown: Type.Boolean(),
  /** of irrigation-model/salt/salt-balance.ts */
  salt: Type.Object({
    ecDsM: OrNull(Type.Number()),
    measuredDay: OrNull(Type.String()),
    dueMm: Type.Number(),
  }),
  /** of irrigation-model/arrival.ts */
  arrival: Type.Object({ missedRuns: Type.Number(), sinceOrderD: Type.Number() }),
  killedBy: OrNull(FrostNight),
  daysRecorded: Type.Number(),
  /** of irrigation-model/crop-clock.ts */
  clock: Type.Object({ harvestDay: OrNull(Type.String()), factor: Type.Number(), isByHeat: Type.Boolean() }),
  paceD: Type.Number(),
  /** of its zones; 1: entered in none */
  efficiency: Type.Number(),
  paramCount: Type.Optional(Type.Number()), // of a member; absent: stored by 0.1.0
  /** packed by estimate/water/stored-water.ts */
  states: Type.String(),
  skinMm: Type.String(),
  /** without sensors the same as `states`: null */
  unprobed: Type.Union([Type.Object({ states: Type.String(), skinMm: Type.String() }), Type.Null()]),
})
export type StoredWater = Static<typeof StoredWater>
export const readStoredWater = jsonColumn('fieldWater.body', StoredWater)

export interface FieldWaterRow {
  fieldId: string
  day: Day
  org: string
  body: Json<StoredWater>
}
