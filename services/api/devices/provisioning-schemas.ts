/** Forms for adding and changing devices. */
import Type from 'typebox'
import { Form, OrNull, OneOf, Id, Name, TopicName, Vwc } from '../http/validation/schema-primitives.ts'

const temp = Type.Optional(
  Form({
    perC: Type.Number({ minimum: -0.05, maximum: 0.05 }),
    refC: Type.Number({ minimum: -50, maximum: 100 }),
  }),
)

const Raw = Type.Number({ minimum: -1e9, maximum: 1e9 })

/**
 * Calibration of raw readings to soil moisture, by quantity or by quantity and depth in cm: 'soil.raw',
 * 'soil.raw@30'.
 */
const Calibrations = Type.Record(
  Type.String({ pattern: '^soil\\.(raw|permittivity)(@[0-9.]{1,8})?$' }),
  Type.Union([
    Form({ kind: OneOf('topp', 'hydra', '10hs', 'ec5'), temp }),
    Form({
      kind: Type.Literal('two-point'),
      rawDry: Raw,
      rawWet: Raw,
      vwcDry: Vwc,
      vwcWet: Vwc,
      temp,
    }),
  ]),
  { additionalProperties: false, maxProperties: 64 },
)

/** The modulus of a device counter, by quantity: 'rain.total', 'water.total/V1'. */
const Moduli = Type.Record(
  Type.String({ pattern: '^[\\w./-]{1,80}$' }),
  Type.Number({ minimum: 1, maximum: 1e15 }),
  { additionalProperties: false, maxProperties: 64 },
)

/** Below it the battery needs changing; null: the default of its voltage. */
const BatteryLowV = Type.Number({ minimum: 0.5, maximum: 60 })

export const NewDevice = Form({
  id: TopicName,
  name: Name,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  farmId: Type.Optional(OrNull(Id)),
  fieldId: Type.Optional(OrNull(Id)),
  everyS: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, description: 'default 1200' })),
  windHeightM: Type.Optional(OrNull(Type.Number({ minimum: 0.2, maximum: 200 }))), // FAO-56 Eq. 47
  counterModulus: Type.Optional(OrNull(Moduli)),
  calibration: Type.Optional(OrNull(Calibrations)),
  batteryLowV: Type.Optional(OrNull(BatteryLowV)),
})

/** Moving a probe needs no new credentials: a field places it there, null removes it. */
export const DevicePatch = Form(
  {
    name: Type.Optional(Name),
    farmId: Type.Optional(OrNull(Id)),
    fieldId: Type.Optional(OrNull(Id)),
    everyS: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800 })),
    windHeightM: Type.Optional(OrNull(Type.Number({ minimum: 0.2, maximum: 200 }))), // FAO-56 Eq. 47
    counterModulus: Type.Optional(OrNull(Moduli)),
    calibration: Type.Optional(OrNull(Calibrations)),
    batteryLowV: Type.Optional(OrNull(BatteryLowV)),
  },
  { minProperties: 1 },
)
