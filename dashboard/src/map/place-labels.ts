/**
 * The label of each field on a map, without overlaps. First the status signs of all fields; then, where there is room, the
 * name and value next to the sign, below or above it, else further away at the end of a line, else a sign large enough to
 * tap with gloves. Fields that need a person come first. A name never covers the sign, the name or the line of another.
 */
import type { FieldStatus } from '../../../services/api/schemas.ts'
import type { Box, LabelledField, LabelSize, Placement } from './types.ts'

export const SIGN_PX = 24
export const MARK_PX = 48
/** two lines in --text-chart, with 1.2 lines of height each */
const TWO_LINES_REM = 2.25
const GAP_PX = 2
/** Of a far name, from the nearest on: its distances, and the directions of each. */
const FAR_PX = [44, 60, 80, 104, 132, 168, 208]
const DIRECTIONS = 24
/** of the line to it */
const LINE_PX = 4
const order: readonly (FieldStatus | null)[] = ['act', 'unknown', 'soon', 'wet', 'ok']

const near = (size: LabelSize): Placement => ({ size, dx: 0, dy: 0 })
const nearPlaces = (['right', 'left', 'below', 'above'] as const).map(near)
const farPlaces = FAR_PX.flatMap((px) =>
  Array.from({ length: DIRECTIONS }, (_, turn): Placement => {
    const angle = (2 * Math.PI * turn) / DIRECTIONS
    // names are wider than high
    return { size: 'far', dx: Math.round(1.5 * px * Math.cos(angle)), dy: Math.round(px * Math.sin(angle)) }
  }),
)

type PlacedField = LabelledField & { x: number; y: number }
interface Space {
  view: Box
  taken: readonly Box[] // by the buttons
  remPx: number // font size
}

/** With more fields a second try takes too long, and a few names more do not help. */
const MOST_RETRIED = 24
const TRIES = 6

/**
 * By index; a field without an entry has no label at this zoom. Fields that found no room for a name come first in the next
 * try; the try with the most names counts, the first of equals.
 */
export function placeLabels(fields: readonly PlacedField[], space: Space): Map<number, Placement> {
  const inOrder = fields.map((_, index) => index).sort((a, b) => rankOf(fields[a]!) - rankOf(fields[b]!))
  let first: readonly number[] = []
  let best: Map<number, Placement> | null = null
  let fewest = Infinity
  for (let left = fields.length > MOST_RETRIED ? 1 : TRIES; left > 0 && fewest > 0; left--) {
    const placements = placeInOrder(fields, { first, inOrder }, space)
    const isNamed = (index: number): boolean => namedSizes.has(placements.get(index)?.size ?? 'sign')
    const unnamed = inOrder.filter((index) => !isNamed(index))
    if (unnamed.length < fewest) [best, fewest] = [placements, unnamed.length]
    first = [...unnamed, ...first.filter(isNamed)]
  }
  return best ?? new Map()
}

const rankOf = ({ status }: LabelledField): number => order.indexOf(status)

function placeInOrder(
  fields: readonly PlacedField[],
  { first, inOrder }: { first: readonly number[]; inOrder: readonly number[] },
  { view, taken, remPx }: Space,
): Map<number, Placement> {
  const boxes = new Map<number, readonly Box[]>()
  const placements = new Map<number, Placement>()
  const isFree = (box: Box, index: number): boolean =>
    isWithin(box, view) &&
    !taken.some((other) => covers(box, other)) &&
    ![...boxes].some(([other, parts]) => other !== index && parts.some((part) => covers(box, part)))
  const place = (candidates: readonly Placement[], indexes = inOrder): void => {
    for (const index of indexes) {
      if (namedSizes.has(placements.get(index)?.size ?? 'sign')) continue
      const field = fields[index]!
      for (const placement of field.status === null ? [near('text')] : candidates) {
        const parts = boxesOf(field, placement, remPx)
        if (!parts.every((part) => isFree(part, index))) continue
        boxes.set(index, parts)
        placements.set(index, placement)
        break
      }
    }
  }
  place([near('sign')])
  place([...nearPlaces, ...farPlaces], first)
  place(nearPlaces)
  place(farPlaces)
  place([near('mark')])
  return placements
}

const namedSizes = new Set<LabelSize>(['right', 'left', 'below', 'above', 'far', 'text'])

/** Of the longer of its two lines. Japanese characters are as wide as they are high. */
export function textWidthPx({ name, word }: Pick<LabelledField, 'name' | 'word'>, remPx: number): number {
  const width = (text: string) => [...text].reduce((sum, sign) => sum + (sign < '\u2e80' ? 0.58 : 0.96), 0)
  return Math.max(width(name), width(word)) * remPx
}

/** The boxes that a label covers: one, or of a name apart from its sign both, with the line between them. */
export function boxesOf(
  field: LabelledField & { x: number; y: number },
  { size, dx, dy }: Placement,
  remPx: number,
): readonly Box[] {
  if (size !== 'below' && size !== 'above' && size !== 'far') return [boxOf(field, size, remPx)]
  const { x, y } = field
  const heightPx = TWO_LINES_REM * remPx + 4
  const besideSign = SIGN_PX / 2 + GAP_PX + heightPx / 2
  const middle =
    size === 'far' ? { x: x + dx, y: y + dy } : { x, y: y + (size === 'below' ? besideSign : -besideSign) }
  // a far one is tapped by its name alone
  const name = boxAround(middle, textWidthPx(field, remPx) + 12, size === 'far' ? MARK_PX : heightPx)
  const line = size === 'far' ? lineBoxes(field, middle) : []
  return [boxOf(field, 'sign', remPx), name, ...line]
}

const boxAround = ({ x, y }: { x: number; y: number }, widthPx: number, heightPx: number): Box => ({
  top: y - heightPx / 2,
  bottom: y + heightPx / 2,
  left: x - widthPx / 2,
  right: x + widthPx / 2,
})

function lineBoxes(from: { x: number; y: number }, to: { x: number; y: number }): Box[] {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / LINE_PX)
  return Array.from({ length: steps }, (_, step) => {
    const share = (step + 0.5) / steps
    const at = { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }
    return boxAround(at, LINE_PX, LINE_PX)
  })
}

function boxOf(field: LabelledField & { x: number; y: number }, size: LabelSize, remPx: number): Box {
  const { x, y } = field
  const half = (size === 'sign' ? SIGN_PX : MARK_PX) / 2
  const textPx = textWidthPx(field, remPx) + 12
  const besidePx = size === 'right' || size === 'left' ? textPx : 0
  if (size === 'text') return { top: y - half, bottom: y + half, left: x - textPx / 2, right: x + textPx / 2 }
  return {
    top: y - half,
    bottom: y + half,
    left: x - half - (size === 'left' ? besidePx : 0),
    right: x + half + (size === 'right' ? besidePx : 0),
  }
}

const covers = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
const isWithin = (a: Box, b: Box): boolean =>
  a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom
