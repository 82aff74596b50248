/**
 * The label size of each field on a map, without overlaps: at least its status sign; with more space a sign large
 * enough to tap with gloves; with still more, its name and value next to it. Fields that need a person come first: their names
 * take the room of the signs of others.
 */
import type { FieldStatus } from '../../../services/api/schemas.ts'
import type { Box, LabelledField, LabelSize } from './types.ts'

export const SIGN_PX = 24
export const MARK_PX = 48
const order: readonly (FieldStatus | null)[] = ['act', 'unknown', 'soon', 'wet', 'ok']

/** By index; a field without an entry has no label at this zoom. `remPx`: font size; `taken`: boxes of the buttons. */
export function placeLabels(
  fields: readonly (LabelledField & { x: number; y: number })[],
  { view, taken, remPx }: { view: Box; taken: readonly Box[]; remPx: number },
): Map<number, LabelSize> {
  const boxes = new Map<number, Box>()
  const sizes = new Map<number, LabelSize>()
  const isFree = (box: Box, index: number): boolean =>
    !taken.some((other) => covers(box, other)) &&
    ![...boxes].some(([other, otherBox]) => other !== index && covers(box, otherBox))
  const inOrder = fields
    .map((field, index) => ({ ...field, index }))
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  const place = (placed: typeof inOrder, candidates: readonly LabelSize[]): void => {
    for (const field of placed)
      for (const size of field.status === null ? (['text'] as const) : candidates) {
        const box = boxOf(field, size, remPx)
        if (!isFree(box, field.index) || !isWithin(box, view)) continue
        boxes.set(field.index, box)
        sizes.set(field.index, size)
        break
      }
  }
  const urgent = inOrder.filter(({ status }) => status === 'act')
  const others = inOrder.filter(({ status }) => status !== 'act')
  for (const group of [urgent, others]) {
    place(group, ['sign'])
    place(group, ['right', 'left', 'mark'])
  }
  return sizes
}

/** Of the longer of its two lines. Japanese characters are as wide as they are high. */
export function textWidthPx({ name, word }: Pick<LabelledField, 'name' | 'word'>, remPx: number): number {
  const width = (text: string) => [...text].reduce((sum, sign) => sum + (sign < '\u2e80' ? 0.58 : 0.96), 0)
  return Math.max(width(name), width(word)) * remPx
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
