/** The types that the map, its labels and its frame share. */
import type { FieldStatus, MapView } from '../../../services/api/schemas.ts'

export type Point = readonly [latDeg: number, lonDeg: number]

/** A marked point on the map. */
export interface Pin {
  at: Point | null
  around: Point | null // shown while the point is unknown
  onTap: (at: Point) => void
}

export interface LabelledField {
  status: FieldStatus | null // null: no sign, the name itself is on the field
  name: string // short enough for its place
  word: string // its value
}

export interface DrawnField extends LabelledField {
  id: string
  title: string // its full name and its state, for a reader
  href: string
  shape: MapView['fields'][number]['shape']
  at: readonly [lonDeg: number, latDeg: number]
  look: string // CSS class of its colour
  opacity: number
}

/** `right`, `left`, `below` and `above`: the side of the sign on which the name is; `far`: a line leads to it. */
export type LabelSize = 'sign' | 'mark' | 'right' | 'left' | 'below' | 'above' | 'far' | 'text'

/** `dx` and `dy`: the middle of a far name, px from its field; otherwise 0. */
export interface Placement {
  size: LabelSize
  dx: number
  dy: number
}

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

export interface FieldMapHandle {
  /** Draws these fields instead of the ones before; the view stays. */
  draw(fields: readonly DrawnField[], shownId: string | null): void
  /** Sets the pictures behind the fields; null: none. */
  setTiles(tiles: MapView['tiles']): void
  /** Shows one field, or all of them. */
  fit(id: string | null): void
  /** Marks a point; null: none. */
  pin(at: Point | null): void
  /** Shows the surroundings of a point. */
  centre(at: Point): void
  zoomBy(steps: number): void
  close(): void
}
