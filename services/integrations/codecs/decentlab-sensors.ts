/** The sensors of each Decentlab model, in the order of their flags, with the maker's names, units and formulas. */

export interface SensorValue {
  name: string
  displayName: string
  unit: string | null
  convert: (words: number[]) => number
}
export interface Sensor {
  words: number // of 16 bits
  values: SensorValue[]
}

/** `Soil temperature` is the field `soil_temperature`. */
const fieldName = (displayName: string): string =>
  displayName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/_$/, '')

type Convert = SensorValue['convert']
const value = (displayName: string, unit: string | null, convert: Convert): SensorValue => ({
  name: fieldName(displayName),
  displayName,
  unit,
  convert,
})
/** Word `i`, which is stored with 32768 added, so that it can be negative. */
const centred =
  (i: number, divisor = 1): Convert =>
  (w) =>
    (w[i]! - 32_768) / divisor
const plain =
  (i: number, divisor = 1): Convert =>
  (w) =>
    w[i]! / divisor
/** Two words, the lower first. */
const wide = (w: number[], i: number): number => w[i]! + w[i + 1]! * 65_536

const battery: Sensor = { words: 1, values: [value('Battery voltage', 'V', plain(0, 1000))] }
const sensor = (words: number, ...values: SensorValue[]): Sensor[] => [{ words, values }, battery]

const MS = 'm⋅s⁻¹'
const VOLUME = 'm³⋅m⁻³'

/** The dielectric count of the TEROS 12 and 11 in ten parts: permittivity and water content of mineral soil. */
const teros = [
  value('Dielectric permittivity', null, (w) => {
    const count = w[0]! / 10
    return (0.000000002887 * count ** 3 - 0.0000208 * count ** 2 + 0.05276 * count - 43.39) ** 2
  }),
  value('Volumetric water content', VOLUME, (w) => (w[0]! / 10) * 0.0003879 - 0.6956),
  value('Soil temperature', '°C', centred(1, 10)),
]

const depths = Array.from({ length: 8 }, (_, depth) => [
  value(`Soil moisture at depth ${depth}`, null, (w) => (w[2 * depth]! - 2500) / 500),
  value(`Soil temperature at depth ${depth}`, '°C', centred(2 * depth + 1, 100)),
])

const wind = (first: number): SensorValue[] => [
  value('Wind speed', MS, centred(first, 100)),
  value('Wind direction', '°', centred(first + 1, 10)),
  value('Maximum wind speed', MS, centred(first + 2, 100)),
  value('Air temperature', '°C', centred(first + 3, 10)),
]
const windByAxis = (first: number): SensorValue[] => [
  value('North wind speed', MS, centred(first, 100)),
  value('East wind speed', MS, centred(first + 1, 100)),
]
const tilt = (first: number): SensorValue[] => [
  value('X orientation angle', '°', centred(first, 10)),
  value('Y orientation angle', '°', centred(first + 1, 10)),
]

/** Millimetres a tip, as in the maker's decoder `resolution=0.1`. */
const TIP_MM = 0.1

export const decentlabSensors: Record<string, Sensor[]> = {
  'DL-TRS11': sensor(2, ...teros),
  'DL-TRS12': sensor(3, ...teros, value('Electrical conductivity', 'µS⋅cm⁻¹', plain(2))),
  'DL-TRS21': sensor(
    2,
    value('Water potential', 'kPa', (w) => 0 - w[0]! / 10), // never -0
    value('Soil temperature', '°C', centred(1, 10)),
  ),
  'DL-SMTP': sensor(16, ...depths.flat()),
  'DL-5TM': sensor(
    2,
    value('Dielectric permittivity', null, plain(0, 50)),
    value('Volumetric water content', VOLUME, (w) => {
      const permittivity = w[0]! / 50
      return 0.0000043 * permittivity ** 3 - 0.00055 * permittivity ** 2 + 0.0292 * permittivity - 0.053
    }),
    value('Soil temperature', '°C', (w) => (w[1]! - 400) / 10),
  ),
  'DL-10HS': sensor(
    1,
    value('Raw sensor reading', 'mV', (w) => ((3 * (w[0]! - 32_768)) / 32_768) * 1000),
    value('Volumetric water content', VOLUME, (w) => {
      const millivolts = (3000 * (w[0]! - 32_768)) / 32_768
      return 2.97e-9 * millivolts ** 3 - 7.37e-6 * millivolts ** 2 + 6.69e-3 * millivolts - 1.92
    }),
  ),
  'DL-ATM41': sensor(
    17,
    value('Solar radiation', 'W⋅m⁻²', centred(0)),
    value('Precipitation', 'mm', centred(1, 1000)),
    value('Lightning strike count', null, centred(2)),
    value('Lightning average distance', 'km', centred(3)),
    ...wind(4),
    value('Vapor pressure', 'kPa', centred(8, 100)),
    value('Atmospheric pressure', 'kPa', centred(9, 100)),
    value('Relative humidity', '%', centred(10, 10)),
    value('Sensor temperature (internal)', '°C', centred(11, 10)),
    ...tilt(12),
    value('Compass heading', '°', centred(14)),
    ...windByAxis(15),
  ),
  'DL-ATM41G2': sensor(
    17,
    value('Solar radiation', 'W⋅m⁻²', centred(0, 10)),
    value('Precipitation', 'mm', plain(1, 1000)),
    value('Lightning strike count', 'None', centred(2)),
    value('Lightning average distance', 'km', centred(3)),
    ...wind(4),
    value('Vapor pressure', 'kPa', centred(8, 100)),
    value('Barometric pressure', 'kPa', centred(9, 100)),
    value('Relative humidity', '%', centred(10, 10)),
    value('Internal temperature', '°C', centred(11, 10)),
    value('Tilt angle, X orientation', '°', centred(12, 10)),
    value('Tilt angle, Y orientation', '°', centred(13, 10)),
    value('Precipitation electrical conductivity', 'µS⋅cm⁻¹', centred(14)),
    value('Cumulative precipitation', 'mm', (w) => wide(w, 15) / 1000),
  ),
  'DL-ATM22': sensor(8, ...wind(0), ...tilt(4), ...windByAxis(6)),
  'DL-TBRG': sensor(
    4,
    value('Precipitation', 'mm', (w) => w[0]! * TIP_MM),
    value('Precipitation interval', 's', plain(1)),
    value('Cumulative precipitation', 'mm', (w) => wide(w, 2) * TIP_MM),
  ),
  'DL-LWS': sensor(
    2,
    value('Leaf wetness index', null, (w) => wide(w, 0) / 8_388_608 - 1),
  ),
  'DL-MBX': sensor(2, value('Distance', 'mm', plain(0)), value('Number of valid samples', null, plain(1))),
  'DL-PYR': sensor(
    1,
    value('Total solar radiation', 'W⋅m⁻²', (w) => 3 * (w[0]! / 32_768 - 1) * 1000 * 5),
  ),
}
