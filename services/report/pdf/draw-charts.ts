/** The charts of a document as vector graphics: yields as strips, water as bars, levels as a line. */
import type { BarsBlock, LineBlock, StripsBlock } from './document.ts'
import {
  ink,
  wrapText,
  ensureSpace,
  MARGIN,
  drawText,
  drawHeading,
  drawRule,
  WIDTH,
  textWidth,
  type Doc,
  type Page,
} from './page.ts'

const SIZE = 8
const HEADING = 34
const AXIS = 40 // for the labels of a vertical axis
const TICKS = 5

/** Maps a value to a position. */
type Scale = (value: number) => number
/** Any number has a position: beyond the scale it is at its end. */
const linearScale = (low: number, high: number, from: number, to: number): Scale =>
  high > low
    ? (value) => from + Math.max(0, Math.min(1, (drawable(value) - low) / (high - low))) * (to - from)
    : () => (from + to) / 2

// larger than any amount of a farm, and far below what overflows in a sum
const LARGEST = 1e15
const drawable = (value: number): number =>
  Number.isNaN(value) ? 0 : Math.max(-LARGEST, Math.min(value, LARGEST))
const lowest = (values: readonly number[]): number => Math.min(...values.map(drawable))
const highest = (values: readonly number[]): number => Math.max(...values.map(drawable))

/** About five round axis values, with a step of 1, 2 or 5 times a power of ten. */
export function ticksOf(low: number, high: number): number[] {
  const rough = (high - low || Math.abs(high) || 1) / TICKS
  const ten = 10 ** Math.floor(Math.log10(rough))
  const step = ten * ([1, 2, 5, 10].find((times) => times * ten >= rough) ?? 10)
  const ticks: number[] = []
  const first = Math.ceil(low / step - 1e-9)
  // bounded: of a number without a place for the step, adding 1 gives the same number
  for (let n = first; n * step <= high + step * 1e-9 && ticks.length <= 2 * TICKS; n++)
    ticks.push(Number((n * step).toPrecision(12)))
  return ticks
}

const STRIP = 30
const LABEL_WIDTH = 96 // left of the strips

/** All strips share an axis and a page: each value as a dot, a box between the quartiles, a rule at the median. */
export function drawStrips(page: Page, { title, note, strips }: StripsBlock): void {
  ensureSpace(page, HEADING + STRIP * strips.length + 24)
  drawHeading(page, title, note)
  const values = strips.flatMap(({ dots }) => dots)
  const [low, high] = [lowest(values), highest(values)]
  const x = linearScale(low, high, MARGIN + LABEL_WIDTH + 8, MARGIN + WIDTH - 12)
  const top = page.y
  const bottom = top + STRIP * strips.length
  for (const tick of ticksOf(low, high)) {
    drawRule(page.doc, x(tick), top, x(tick), bottom)
    drawText(page.doc, tick.toLocaleString('en'), x(tick) - 30, bottom + 3, {
      size: SIZE,
      color: ink.second,
      width: 60,
      align: 'center',
    })
  }
  for (const [index, strip] of strips.entries()) {
    const middle = top + STRIP * index + STRIP / 2
    for (const [line, text] of wrapText(page.doc, strip.label, SIZE, LABEL_WIDTH - 4)
      .slice(0, 2)
      .entries())
      drawText(page.doc, text, MARGIN, middle - 10 + line * 11, { size: SIZE })
    page.doc
      .rect(x(strip.q1) - 0.5, middle - 9, Math.max(1, x(strip.q3) - x(strip.q1)), 18)
      .fill(ink.cropPale)
    for (const [n, dot] of strip.dots.entries())
      page.doc.circle(x(dot), middle + ((n % 3) - 1) * 4, 1.5).fill(ink.crop)
    drawRule(page.doc, x(strip.median), middle - 11, x(strip.median), middle + 11, ink.text, 1.5)
  }
  page.y = bottom + 26
}

const BARS = 110
const BARS_A_ROW = 32
const UPRIGHT_FROM = 36 // points a bar: narrower ones have their label upright
const UPRIGHT_LABEL = 76

/**
 * The axis starts at 0. `value * solid` of a bar is dark; null `mean`: no rule. Many bars take several rows with the same
 * axis, so that each has its label.
 */
export function drawBars(page: Page, { title, note, bars, legend, mean }: BarsBlock): void {
  const high = highest([...bars.map(({ value }) => value), mean?.value ?? 0, 1e-9])
  const isUpright = (WIDTH - AXIS) / Math.min(bars.length, BARS_A_ROW) <= UPRIGHT_FROM
  const rowHeight = BARS + (isUpright ? UPRIGHT_LABEL : 15) + 8
  ensureSpace(page, HEADING + rowHeight + 14)
  drawHeading(page, title, note)
  for (let from = 0; from < bars.length; from += BARS_A_ROW) {
    ensureSpace(page, rowHeight)
    drawBarRow(page, bars.slice(from, from + BARS_A_ROW), {
      high,
      mean,
      isUpright,
      step: (WIDTH - AXIS) / Math.min(bars.length, BARS_A_ROW),
    })
    page.y += rowHeight
  }
  let x = MARGIN + AXIS
  for (const [color, text] of [
    [ink.water, legend.solid],
    [ink.waterPale, legend.rest],
  ] as const) {
    page.doc.rect(x, page.y + 2, 8, 8).fill(color)
    drawText(page.doc, text, x + 12, page.y, { size: 7, color: ink.second })
    x += 24 + textWidth(page.doc, text, 7)
  }
  page.y += 22
}

function drawBarRow(
  page: Page,
  bars: BarsBlock['bars'],
  {
    high,
    mean,
    isUpright,
    step,
  }: { high: number; mean: BarsBlock['mean']; isUpright: boolean; step: number },
): void {
  const { doc } = page
  const top = page.y + 4
  const bottom = top + BARS
  const y = linearScale(0, 1.1 * high, bottom, top)
  drawScale(doc, ticksOf(0, high), y)
  const wide = Math.min(step * 0.8, 60)
  for (const [index, { value, solid, label }] of bars.entries()) {
    const left = MARGIN + AXIS + index * step
    const x = left + (step - wide) / 2
    doc.rect(x, y(value), wide, bottom - y(value)).fill(ink.waterPale)
    doc.rect(x, y(value * solid), wide, bottom - y(value * solid)).fill(ink.water)
    const style = { size: 7, color: ink.second }
    if (isUpright) {
      const text = truncate(doc, label, UPRIGHT_LABEL - 4)
      const middle = left + step / 2
      doc.save().rotate(-90, { origin: [middle, bottom + 3] })
      drawText(doc, text, middle - textWidth(doc, text, 7), bottom + 3 - 5, style)
      doc.restore()
    } else
      drawText(doc, truncate(doc, label, step - 4), left, bottom + 3, {
        ...style,
        width: step,
        align: 'center',
      })
  }
  if (mean !== null) {
    drawRule(doc, MARGIN + AXIS, y(mean.value), MARGIN + WIDTH, y(mean.value), ink.text, 1)
    drawText(doc, mean.label, MARGIN + AXIS + 4, y(mean.value) - 11, { size: 7 })
  }
}

/** The axis includes 0. A null value interrupts the line; `bands` are shaded days. */
export function drawLine(page: Page, { title, note, days, values, bands }: LineBlock): void {
  ensureSpace(page, HEADING + BARS + 30)
  drawHeading(page, title, note)
  const top = page.y + 4
  const bottom = top + BARS
  const knownValues = values.filter((value) => value !== null)
  const [low, high] = [lowest([0, ...knownValues]), highest([0, ...knownValues])]
  const y = linearScale(low, high, bottom, top)
  const step = (WIDTH - AXIS) / Math.max(1, days.length)
  const x = (at: number) => MARGIN + AXIS + (at + 0.5) * step
  for (const { from, to } of bands)
    page.doc.rect(x(from) - step / 2, top, (to - from + 1) * step, BARS).fill(ink.pale)
  drawScale(page.doc, ticksOf(low, high), y)
  drawRule(page.doc, MARGIN + AXIS, y(0), MARGIN + WIDTH, y(0), ink.second, 0.75)
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    const before = values[index - 1]
    if (before != null) drawRule(page.doc, x(index - 1), y(before), x(index), y(value), ink.water, 1.25)
    page.doc.circle(x(index), y(value), 1.5).fill(ink.water)
  }
  for (const [index, day] of days.entries())
    if (day !== '')
      drawText(page.doc, day, x(index) - 30, bottom + 3, {
        size: 7,
        color: ink.second,
        width: 60,
        align: 'center',
      })
  page.y = bottom + 24
}

/** The labels and grid lines of a vertical axis. */
function drawScale(doc: Doc, ticks: readonly number[], y: Scale): void {
  for (const tick of ticks) {
    drawRule(doc, MARGIN + AXIS, y(tick), MARGIN + WIDTH, y(tick))
    drawText(doc, tick.toLocaleString('en'), MARGIN, y(tick) - 5, {
      size: SIZE,
      color: ink.second,
      width: AXIS - 6,
      align: 'right',
    })
  }
}

function truncate(doc: Doc, text: string, width: number): string {
  const [line = '', ...rest] = wrapText(doc, text, 7, width)
  return rest.length === 0 ? line : `${line.slice(0, -1)}…`
}
