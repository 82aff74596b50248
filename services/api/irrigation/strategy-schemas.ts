/** The irrigation strategy of a field, as entered and as shown with its defaults. */
import Type, { type Static } from 'typebox'
import { Day, Form, Num, OneOf, OrNull, Text } from '../http/validation/schema-primitives.ts'

const Kind = OneOf('full', 'regulated', 'supplemental')
const phases = ['vegetative', 'flowering', 'yield-formation', 'ripening'] as const
const Phase = OneOf(...phases)
const Money = Type.Number({ minimum: 0, maximum: 1e9 })
const Currency = Type.String({ pattern: '^[A-Z]{3}$' }) // ISO 4217
const EcDsM = Type.Number({ minimum: 0, maximum: 60 })
const Share = Type.Number({ minimum: 0.1, maximum: 0.95, description: 'share of TAW' })
const maybe = <T extends Type.TSchema>(schema: T) => Type.Optional(OrNull(schema))

/** POST /api/fields/:id/strategy: the whole strategy; an absent value is unknown, not 0. */
export const StrategyForm = Form({
  kind: Kind,
  allowedDepletion: maybe(
    Form({
      vegetative: Type.Optional(Share),
      flowering: Type.Optional(Share),
      'yield-formation': Type.Optional(Share),
      ripening: Type.Optional(Share),
    }),
  ),
  phases: maybe(Type.Array(Phase, { minItems: 1, maxItems: 4 })),
  maxIrrigations: maybe(Type.Integer({ minimum: 0, maximum: 100 })),
  maxSeasonMm: maybe(Type.Number({ minimum: 0, maximum: 5000, description: 'gross mm of a season' })),
  riskAversion: maybe(Type.Number({ minimum: 0, maximum: 1 })),
  cropPricePerT: maybe(Money),
  yieldTonsHa: maybe(Type.Number({ minimum: 0.001, maximum: 1000 })),
  perRunHa: maybe(Money),
  currency: maybe(Currency),
  waterEcDsM: maybe(EcDsM),
  soilEcDsM: maybe(EcDsM),
  soilEcDay: maybe(Day),
})
export type StrategyForm = Static<typeof StrategyForm>

export const StrategyView = Type.Object({
  kind: Kind,
  allowedDepletion: Type.Record(Text, Num), // by phase, as entered
  phases: Type.Array(Text), // phases that get supplemental water; empty: the most sensitive
  maxIrrigations: OrNull(Num),
  maxSeasonMm: OrNull(Num),
  riskAversion: OrNull(Num),
  cropPricePerT: OrNull(Num),
  yieldTonsHa: OrNull(Num),
  perRunHa: OrNull(Num),
  currency: OrNull(Text),
  waterEcDsM: OrNull(Num),
  soilEcDsM: OrNull(Num),
  soilEcDay: OrNull(Text),
  thresholdDsM: OrNull(Num), // ECe without yield loss; null: not in the table
  waterPerM3: OrNull(Num), // the price in effect: of the pump, the farm or the fixed schedule
  energyPerM3: OrNull(Num),
  isValueAssumed: Type.Boolean(), // assumes that 100 mm are worth 2.5 % of a full yield
})
export type StrategyView = Static<typeof StrategyView>

/** POST /api/farms/:id/water-price and /api/pumps/:id/water-price; the price of a pump takes precedence. */
export const WaterPriceForm = Form({
  waterPerM3: maybe(Type.Number({ minimum: 0, maximum: 1e6 })),
  energyPerM3: maybe(Type.Number({ minimum: 0, maximum: 1e6 })),
  currency: maybe(Currency),
})
export type WaterPriceForm = Static<typeof WaterPriceForm>
