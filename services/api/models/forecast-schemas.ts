/** The forecast of the next days, and how good forecasts have been. */
import Type, { type Static } from 'typebox'
import { OrNull, Num, Text, AtMs, Day, Id } from '../http/schema-primitives.ts'
import { Message } from '../http/value-schemas.ts'

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

/** GET /api/forecast-skill: a row a farm and source, in it a row for days ahead that are judged together. */
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
      days: Num, // of which rain was forecast and measured
      biasMm: OrNull(Num), // said less seen, a day
      maeMm: OrNull(Num),
      hits: Num,
      misses: Num,
      falseAlarms: Num, // of 5 mm or more
      hitRate: OrNull(Num),
      falseAlarmShare: OrNull(Num),
      brier: OrNull(Num),
      brierUsual: OrNull(Num), // of always saying how often it came
      inRange: OrNull(Num), // 0.8 is what the range promises
      tempMinMaeC: OrNull(Num),
      tempMaxMaeC: OrNull(Num),
      et0MaeMm: OrNull(Num),
      believed: Type.Object({ lo: Num, mid: Num, hi: Num }), // what the next range is multiplied by
    }),
  ),
})
export type ForecastSkillView = Static<typeof ForecastSkillView>
