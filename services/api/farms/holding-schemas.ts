/** The setup of the organisation, for the forms of Settings. */
import Type, { type Static } from 'typebox'
import { Day, Id, Num, OneOf, OrNull, Text } from '../http/validation/schema-primitives.ts'
import { PumpScheduleForm } from './schedule-schemas.ts'

/** GET /api/farms: the organisation as it is set up, for the forms of Settings. */
export const Holding = Type.Object({
  farms: Type.Array(
    Type.Object({
      id: Id,
      name: Text,
      memberCode: OrNull(Text),
      timeZone: Text,
      latDeg: Num,
      lonDeg: Num,
      elevationM: Num,
      weatherThresholds: Type.Object({ frostC: Num, gustMps: Num, rainMm: Num }), // as set, otherwise the defaults
    }),
  ),
  fields: Type.Array(
    Type.Object({
      id: Id,
      farmId: Id,
      name: Text,
      kind: OneOf('upland', 'paddy'),
      areaM2: Num,
      soilTexture: Text,
      soilDepthM: OrNull(Num), // to rock or a hard pan; null: deep
    }),
  ),
  seasons: Type.Array(
    Type.Object({
      id: Id,
      fieldId: Id,
      year: Num,
      crop: Text,
      variety: OrNull(Text),
      plantedDay: Day,
      initialVwc: OrNull(Num), // soil water on that day, m3/m3; null: unknown
      harvestedDay: OrNull(Day),
      yieldKg: OrNull(Num),
      yieldBasis: OrNull(Text),
    }),
  ),
  zones: Type.Array(
    Type.Object({
      id: Id,
      fieldId: Id,
      name: Text,
      valve: OrNull(Text),
      controllerId: OrNull(Id),
      pumpId: OrNull(Id),
      areaM2: Num,
      method: OneOf('sprinkler', 'drip', 'flood', 'outlet'),
      mode: OneOf('off', 'advise', 'approve', 'auto'),
      hasWatered: Type.Boolean(), // a confirmed opening with metered or computed litres is on record
    }),
  ),
  pumps: Type.Array(
    Type.Object({
      id: Id,
      farmId: Id,
      name: Text,
      capacityLpm: Num,
      dailyM3: OrNull(Num),
      maxOpenValves: Num,
      feedsFromId: OrNull(Id), // the pump or main that feeds it
      schedule: OrNull(PumpScheduleForm),
    }),
  ),
})
export type Holding = Static<typeof Holding>
