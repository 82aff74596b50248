/**
 * The table of quantities: every number that Tilth accepts from a field, with its unit, its place in a telemetry
 * message, its physical limits, and its display. Nothing else in the project defines a unit.
 *
 * A quantity may have an instance after a slash: `trap.count/codling-moth`, `water.total/V1`.
 */
export interface Quantity {
  /** unit on the wire and in the stores */
  unit: string
  /** outside this range a reading fails quality control (flag 4); it is stored with its flag */
  min: number
  max: number
  /** outside this range the whole message is rejected as a dead letter */
  absurdBelow: number
  absurdAbove: number
  /** a faster change per minute is suspect (flag 3); null where any step is plausible */
  maxStepPerMin: number | null
  decimals: number
  /** a counter only grows on the device; it is stored with roll-over and reset removed */
  kind: 'gauge' | 'counter' | 'count'
  /** path of the value inside one element of `measurements` (battery: of the message) */
  wire: readonly string[]
  /** path of the instance's name inside the element, if the quantity has instances */
  instanceWire?: readonly string[]
  /** key of its name in the dashboard's catalogue */
  label: string
}

const gauge = (
  unit: string,
  [min, max]: [number, number],
  [absurdBelow, absurdAbove]: [number, number],
  maxStepPerMin: number | null,
  decimals: number,
  wire: string,
  label: string,
): Quantity => ({
  unit,
  min,
  max,
  absurdBelow,
  absurdAbove,
  maxStepPerMin,
  decimals,
  kind: 'gauge',
  wire: wire.split('.'),
  label,
})

// Ranges: ISMN (soil, rain), WMO basic quality control (air, wind, pressure); steps: WMO, per minute
export const quantities = {
  'soil.moisture': gauge('% vol', [0, 60], [-50, 150], 5, 1, 'soil.moisture', 'soil_moisture'),
  'soil.temperature': gauge('°C', [-60, 60], [-100, 150], 2, 1, 'soil.temperature', 'soil_temperature'),
  'soil.ec': gauge('dS/m', [0, 50], [-10, 621], null, 2, 'soil.ec', 'soil_ec'),
  'soil.tension': gauge('kPa', [0, 2500], [-100, 10_000], null, 1, 'tilth.soilTension', 'soil_tension'),
  'soil.permittivity': gauge(
    'ε',
    [1, 88],
    [-50, 1000],
    null,
    2,
    'tilth.soilPermittivity',
    'soil_permittivity',
  ),
  'soil.raw': gauge('raw', [0, 65_535], [-1e6, 1e9], null, 0, 'tilth.soilRaw', 'soil_raw'),
  'air.temperature': gauge('°C', [-50, 60], [-100, 150], 3, 1, 'air.temperature', 'air_temperature'),
  'air.relativeHumidity': gauge('%', [0, 104], [-20, 150], 10, 0, 'air.relativeHumidity', 'air_humidity'),
  'air.pressure': gauge('hPa', [500, 1060], [300, 1200], 3, 1, 'air.pressure', 'air_pressure'),
  'wind.speed': gauge('m/s', [0, 75], [-1, 150], null, 1, 'wind.speed', 'wind_speed'),
  'wind.direction': gauge('°', [0, 360], [-360, 720], null, 0, 'wind.direction', 'wind_direction'),
  'solar.radiation': gauge(
    'W/m²',
    [0, 1500],
    [-50, 3000],
    null,
    0,
    'tilth.solarRadiation',
    'solar_radiation',
  ),
  'leaf.wetness': gauge('0-1', [0, 1], [-1, 2], null, 2, 'tilth.leafWetness', 'leaf_wetness'),
  'water.level': gauge('mm', [-1500, 1000], [-10_000, 10_000], 20, 0, 'tilth.waterLevel', 'water_level'),
  'water.flow': {
    ...gauge('L/min', [0, 20_000], [-100, 1e6], null, 1, 'tilth.flow', 'water_flow'),
    instanceWire: ['tilth', 'valve'],
  },
  'rain.cumulative': {
    ...gauge('mm', [0, 1e7], [-1, 1e8], 4, 1, 'rain.cumulative', 'rain'),
    kind: 'counter',
  },
  'water.total': {
    ...gauge('L', [0, 1e12], [-1, 1e13], null, 0, 'metering.water.total', 'water_total'),
    kind: 'counter',
    instanceWire: ['tilth', 'valve'],
  },
  'trap.count': {
    ...gauge('insects', [0, 5000], [-1, 1e6], null, 0, 'tilth.trap.count', 'trap_count'),
    kind: 'count',
    instanceWire: ['tilth', 'trap', 'species'],
  },
  'device.batteryPercent': gauge('%', [0, 100], [-1, 1000], null, 0, 'batteryPercent', 'battery_percent'),
  'device.battery': gauge('V', [0, 60], [-1, 1000], null, 2, 'battery', 'battery'),
} satisfies Record<string, Quantity>

export type QuantityName = keyof typeof quantities

/** The table's row for a stored quantity name, with or without an instance; undefined when there is none. */
export function quantityOf(name: string): Quantity | undefined {
  const slash = name.indexOf('/')
  return (quantities as Record<string, Quantity>)[slash < 0 ? name : name.slice(0, slash)]
}

/** Whether a sensor of this kind can have reported the value; beyond these limits a message is rejected. */
export function isPossible(name: QuantityName, value: number | null): boolean {
  const { absurdBelow, absurdAbove } = quantities[name]
  return value !== null && value >= absurdBelow && value <= absurdAbove
}

/** A stored name: `withInstance('trap.count', 'codling-moth')` is `trap.count/codling-moth`. */
export const withInstance = (name: QuantityName, instance: string | null): string =>
  instance === null ? name : `${name}/${instance}`

/** QARTOD quality flags (IOOS): the result of the tests of a reading. */
export const flags = { pass: 1, notEvaluated: 2, suspect: 3, fail: 4, missing: 9 } as const
export type Flag = (typeof flags)[keyof typeof flags]

/** Where a stored value comes from. */
export type Origin = 'measured' | 'estimated' | 'interpolated' | 'entered'
