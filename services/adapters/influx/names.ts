/**
 * Names on their way into InfluxDB and back. Line protocol has no way to end a tag with a backslash, so a backslash
 * travels as %5C and a percent sign as %25; every other name stands in InfluxDB as it is. Pure.
 */
export const encodeName = (name: string): string => name.replaceAll('%', '%25').replaceAll('\\', '%5C')
export const decodeName = (name: string): string => name.replaceAll('%5C', '\\').replaceAll('%25', '%')

/** A text as an InfluxQL string. */
export const textLiteral = (name: string): string => `'${encodeName(name).replaceAll("'", "\\'")}'`

/** An InfluxQL identifier. Always quoted: `field` is a word of the language. */
export const identifier = (name: string): string => `"${encodeName(name).replaceAll('"', '\\"')}"`

/** Every measurement whose name begins so, as an InfluxQL regular expression. */
export const prefixPattern = (prefix: string): string =>
  `/^${encodeName(prefix).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}/`

/** A measurement for the `influx` package, which escapes tags but not measurements. */
export const measurementForLine = (name: string): string => encodeName(name).replace(/[, ]/g, '\\$&')

/** The depth tag: no tag at all where a reading has no depth. */
export const depthTag = (depthCm: number | null): string | null => (depthCm === null ? null : String(depthCm))
export const depthFromTag = (tag: string | undefined): number | null => (tag ? Number(tag) : null)

/** Where the days of a quantity stand. No quantity begins with such a sign. */
export const rollUpMeasurement = (quantity: string): string => `~days/${quantity}`
/** The quantity that a measurement holds, or holds the days of. */
export const quantityOf = (measurement: string): string => measurement.replace(/^~days\//, '')
/** Every measurement of readings. */
export const QUANTITIES = '/^[^~]/'
