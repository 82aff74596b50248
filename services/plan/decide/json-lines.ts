/**
 * The input lines of the decision model, one JSON object each: `setup` begins a season, `day` reports a day
 * that has ended. Units are in the names; unknown keys are ignored; values that may be missing are optional.
 */
import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { schemaMessage } from '../../runtime/schema-message.ts'

const Day = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' })
const TempC = Type.Number({ minimum: -90, maximum: 60 })
const RainMm = Type.Number({ minimum: 0, maximum: 2000 })
const Et0Mm = Type.Number({ minimum: 0, maximum: 30 })
const Money = Type.Number({ minimum: 0, maximum: 1e9 })
const Vwc = Type.Number({ minimum: 0, maximum: 1 })
const EcDsM = Type.Number({ minimum: 0, maximum: 60 })
// JSON expresses a missing value as null, and programs write it
const Maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

const Weather = Type.Object({
  tMinC: Maybe(TempC),
  tMaxC: Maybe(TempC),
  rainMm: Maybe(RainMm),
  et0Mm: Maybe(Et0Mm),
})

export const SetupLine = Type.Object({
  type: Type.Literal('setup'),
  site: Type.Object({
    latDeg: Type.Number({ minimum: -90, maximum: 90 }),
    lonDeg: Maybe(Type.Number({ minimum: -180, maximum: 180 })),
    elevM: Maybe(Type.Number({ minimum: -450, maximum: 6000 })),
    timeZone: Maybe(Type.String({ maxLength: 60 })),
  }),
  field: Type.Object({
    crop: Type.String({ minLength: 1, maxLength: 60 }),
    plantingDay: Day,
    areaM2: Maybe(Type.Number({ exclusiveMinimum: 0, maximum: 1e8 })),
    harvestDay: Maybe(Day), // planned, or usual for this variety here: no water from that day on
    soil: Type.Object({
      texture: Maybe(Type.String({ maxLength: 60 })),
      ecDsM: Maybe(EcDsM), // of the saturated extract
      depthM: Maybe(Type.Number({ exclusiveMinimum: 0, maximum: 20 })), // to rock, a pan or permanent water: roots end there
      waterTableM: Maybe(Type.Number({ minimum: 0, maximum: 50 })), // of permanent groundwater
      layers: Maybe(
        Type.Array(
          Type.Object({
            toM: Type.Number({ exclusiveMinimum: 0, maximum: 20 }),
            fieldCapacity: Vwc,
            wiltingPoint: Vwc,
          }),
          { minItems: 1, maxItems: 50 },
        ),
      ),
    }),
    initialVwc: Maybe(Vwc),
    irrigation: Maybe(
      Type.Object({
        efficiency: Maybe(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
        maxMmPerDay: Maybe(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
        minMm: Maybe(Type.Number({ minimum: 0, maximum: 1000 })),
        wettedFraction: Maybe(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
        waterEcDsM: Maybe(EcDsM),
      }),
    ),
  }),
  sensors: Maybe(
    Type.Array(
      Type.Object({
        id: Type.String({ maxLength: 60 }),
        depthM: Type.Number({ minimum: 0, maximum: 10 }),
      }),
      { maxItems: 100 },
    ),
  ),
  economics: Maybe(
    Type.Object({
      cropPricePerT: Maybe(Money),
      yieldTPerHa: Maybe(Type.Number({ minimum: 0, maximum: 1000 })),
      waterCostPerMm: Maybe(Money),
      energyCostPerMm: Maybe(Money),
      costPerIrrigation: Maybe(Money),
      riskAversion: Maybe(Type.Number({ minimum: 0, maximum: 1 })),
    }),
  ),
  history: Maybe(Type.Array(Type.Object({ day: Day, ...Weather.properties }), { maxItems: 40_000 })),
})
export type SetupLine = Static<typeof SetupLine>

export const DayLine = Type.Object({
  type: Type.Literal('day'),
  day: Day,
  weather: Maybe(Weather),
  soilMoisture: Maybe(Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]))),
  appliedMm: Maybe(Type.Number({ minimum: 0, maximum: 2000 })),
  forecast: Maybe(Type.Array(Type.Object({ day: Day, ...Weather.properties }), { maxItems: 30 })),
})
export type DayLine = Static<typeof DayLine>

const checks = { setup: Compile(SetupLine), day: Compile(DayLine) }
const MAX_LINE_LENGTH = 8 * 1024 * 1024

/** Parses a line. The error names the field, the value found and the expected value. */
export function parseLine(text: string): Result<SetupLine | DayLine> {
  if (text.length > MAX_LINE_LENGTH)
    return err(`line must be at most ${MAX_LINE_LENGTH} characters, got ${text.length}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return err(`not JSON: ${(error as Error).message.slice(0, 120)}`)
  }
  const type = (value as { type?: unknown } | null)?.type
  if (type !== 'setup' && type !== 'day')
    return err(`type must be setup or day, got ${(JSON.stringify(type) ?? 'nothing').slice(0, 60)}`)
  const check = checks[type]
  if (check.Check(value)) return ok(value)
  const { path, message } = schemaMessage(check.Errors(value)[0], 'does not fit')
  let part = value as Record<string, unknown> | undefined
  for (const key of path) part = part?.[key] as typeof part
  const got = (JSON.stringify(part) ?? 'nothing').slice(0, 80)
  return err(`${path.join('.') || type}: ${message}, got ${got}`)
}
