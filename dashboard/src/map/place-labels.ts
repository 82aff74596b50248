/**
 * The label of each field on a map, without overlaps. First the status signs of all fields; then, where there is room, the
 * name and value next to the sign or below it, else a sign large enough to tap with gloves. Fields that need a person come
 * first. A name never covers the sign or the name of another field.
 */
import type { FieldStatus } from '../../../services/api/schemas.ts'
import type { Box, LabelledField, LabelSize } from './types.ts'

export const SIGN_PX = 24
export const MARK_PX = 48
/** two lines in --text-chart, with 1.2 lines of height each */
const TWO_LINES_REM = 2.25
const BELOW_GAP_PX = 2
const order: readonly (FieldStatus | null)[] = ['act', 'unknown', 'soon', 'wet', 'ok']

/** By index; a field without an entry has no label at this zoom. `remPx`: font size; `taken`: boxes of the buttons. */
export function placeLabels(
  fields: readonly (LabelledField & { x: number; y: number })[],
  { view, taken, remPx }: { view: Box; taken: readonly Box[]; remPx: number },
): Map<number, LabelSize> {
  const boxes = new Map<number, readonly Box[]>()
  const sizes = new Map<number, LabelSize>()
  const isFree = (box: Box, index: number): boolean =>
    isWithin(box, view) &&
    !taken.some((other) => covers(box, other)) &&
    ![...boxes].some(([other, parts]) => other !== index && parts.some((part) => covers(box, part)))
  const inOrder = fields
    .map((field, index) => ({ ...field, index }))
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  const place = (candidates: readonly LabelSize[]): void => {
    for (const field of inOrder)
      for (const size of field.status === null ? (['text'] as const) : candidates) {
        const parts = boxesOf(field, size, remPx)
        if (!parts.every((part) => isFree(part, field.index))) continue
        boxes.set(field.index, parts)
        sizes.set(field.index, size)
        break
      }
  }
  place(['sign'])
  place(['right', 'left', 'below', 'mark'])
  return sizes
}

/** Of the longer of its two lines. Japanese characters are as wide as they are high. */
export function textWidthPx({ name, word }: Pick<LabelledField, 'name' | 'word'>, remPx: number): number {
  const width = (text: string) => [...text].reduce((sum, sign) => sum + (sign < '\u2e80' ? 0.58 : 0.96), 0)
  return Math.max(width(name), width(word)) * remPx
}

/** The boxes that a label covers: one, or for a name below its sign the two of them. */
export function boxesOf(
  field: LabelledField & { x: number; y: number },
  size: LabelSize,
  remPx: number,
): readonly Box[] {
  if (size !== 'below') return [boxOf(field, size, remPx)]
  const { x, y } = field
  const top = y + SIGN_PX / 2 + BELOW_GAP_PX
  const halfPx = (textWidthPx(field, remPx) + 12) / 2
  return [
    boxOf(field, 'sign', remPx),
    { top, bottom: top + TWO_LINES_REM * remPx + 4, left: x - halfPx, right: x + halfPx },
  ]
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
