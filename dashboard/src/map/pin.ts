/** One thing among the fields of a map. */
export type Point = readonly [latDeg: number, lonDeg: number]

/** Where it stands, what to show while nobody knows, and who hears of a tap. */
export interface Pin {
  at: Point | null
  around: Point | null
  tapped: (at: Point) => void
}
