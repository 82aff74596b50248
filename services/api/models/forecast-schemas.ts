/** The forecast of the next days, and how good forecasts have been. */
import Type, { type Static } from 'typebox'
import { OrNull, Num, Text, AtMs, Day, Id } from '../http/validation/schema-primitives.ts'
import { Message } from '../http/validation/value-schemas.ts'

export const ForecastBrief = Type.Object({
  source: Text,
  issuedMs: AtMs,
  days: Type.Array(
    Type.Object({
      day: Day,
      tempMinC: Num,
      tempMaxC: Num,
      rainMm: Type.Object({ lo: Num, mid: Num, hi: Num }),
      et0Mm: OrNull(Num),
    }),
  ),
})

/** GET /api/forecast-skill: a row per farm and source, with a row per group of lead days. */
export const ForecastSkillView = Type.Object({
  farmId: Id,
  farmName: Text,
  source: Text,
  throughDay: Day,
  messages: Type.Array(Message), // of section 'forecast'
  leads: Type.Array(
    Type.Object({
      fromLead: Num, // days ahead; 0: issued on the day itself
      toLead: Num,
      days: Num, // days with forecast and measured rain
      biasMm: OrNull(Num), // forecast minus measured, per day
      maeMm: OrNull(Num),
      hits: Num,
      misses: Num,
      falseAlarms: Num, // of 5 mm or more
      hitRate: OrNull(Num),
      falseAlarmShare: OrNull(Num),
      brier: OrNull(Num),
      brierClimatology: OrNull(Num), // of the climatological frequency
      inRange: OrNull(Num), // nominal 0.8
      tempMinMaeC: OrNull(Num),
      tempMaxMaeC: OrNull(Num),
      et0MaeMm: OrNull(Num),
      correction: Type.Object({ lo: Num, mid: Num, hi: Num }), // factor on the next range
    }),
  ),
})
export type ForecastSkillView = Static<typeof ForecastSkillView>
