/**
 * Encoding of names in InfluxDB. Line protocol cannot end a tag with a backslash, so a backslash becomes %5C and a
 * percent sign %25; other names are stored unchanged. Pure.
 */
export const encodeName = (name: string): string => name.replaceAll('%', '%25').replaceAll('\\', '%5C')
/** Reverses `encodeName`. */
export const decodeName = (name: string): string => name.replaceAll('%5C', '\\').replaceAll('%25', '%')

/** An InfluxQL string literal. */
export const textLiteral = (name: string): string => `'${encodeName(name).replaceAll("'", "\\'")}'`

/** An InfluxQL identifier. Always quoted: `field` is a reserved word. */
export const identifier = (name: string): string => `"${encodeName(name).replaceAll('"', '\\"')}"`

/** A regular expression for measurements with a prefix. */
export const prefixPattern = (prefix: string): string =>
  `/^${encodeName(prefix).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}/`

/** A measurement for the `influx` package, which escapes tags but not measurements. */
export const measurementForLine = (name: string): string => encodeName(name).replace(/[, ]/g, '\\$&')

/** The depth tag; absent for a reading without a depth. */
export const depthTag = (depthCm: number | null): string | null => (depthCm === null ? null : String(depthCm))
/** In cm; null for an absent or empty tag. */
export const depthFromTag = (tag: string | undefined): number | null => (tag ? Number(tag) : null)

/** The measurement with the daily roll-ups of a quantity. No quantity starts with `~`. */
export const rollUpMeasurement = (quantity: string): string => `~days/${quantity}`
/** The quantity of a measurement of readings or roll-ups. */
export const quantityOf = (measurement: string): string => measurement.replace(/^~days\//, '')
/** Every measurement of readings. */
export const QUANTITIES = '/^[^~]/'
