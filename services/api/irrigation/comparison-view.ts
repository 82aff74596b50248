/** What the valve gave beside what Tilth and the old timer would have given, in sentences. */
import {
  fromJson,
  type WaterComparisonRow,
  type ComparisonSpan,
  type FixedScheduleRow,
  type SpanWater,
  type ZoneRow,
} from '../../tables.ts'
import type { compareKeys } from '../http/message-keys.ts'
import type { ComparisonView } from './comparison-schemas.ts'
import type { Message } from '../http/value-schemas.ts'

const message = (key: keyof typeof compareKeys, params: Message['params']): Message => ({ key, params })

export function comparisonView(rows: {
  comparison?: WaterComparisonRow | null
  habit?: FixedScheduleRow | null
  zones: readonly { zone: Pick<ZoneRow, 'mode'> }[]
}): ComparisonView | null {
  if (!rows.comparison) return null
  const { timer, spans } = fromJson(rows.comparison.body)
  const habit = rows.habit ?? null
  const isShadow = rows.zones.some(({ zone }) => zone.mode === 'advise' || zone.mode === 'off')
  const [week, season] = ['week', 'season'].map((key) => spans.find((span) => span.key === key))
  return {
    throughDay: rows.comparison.throughDay,
    timer,
    waterPricePerM3: habit?.waterPricePerM3 ?? null,
    currency: habit?.currency ?? null,
    spans: spans.map((span) => ({
      ...span,
      given: { ...roundedWater(span.given), isMetered: span.given.isMetered },
      tilth: roundedWater(span.tilth),
      timer: roundedWater(span.timer),
    })),
    messages: [
      ...(isShadow && season ? shadowMessages(season, habit) : []),
      ...(week ? scheduleMessages(week, timer, isShadow) : []),
      ...(season ? caveats(season) : []),
    ],
  }
}

/** The farmer's own schedule, and Tilth beside it. */
function shadowMessages(span: ComparisonSpan, habit: FixedScheduleRow | null): Message[] {
  const { given, tilth, fromDay } = span
  const [givenM3, tilthM3] = [wholeM3(given.m3), wholeM3(tilth.m3)]
  const m3 = givenM3 - tilthM3
  const params = { givenM3, tilthM3, fromDay }
  const said: Message[] =
    m3 === 0
      ? [message('tilth-same', params)]
      : [message(m3 > 0 ? 'tilth-less' : 'tilth-more', { ...params, m3: Math.abs(m3) })]
  const price = habit?.waterPricePerM3 ?? null
  if (price !== null && m3 !== 0) {
    const unit = habit?.currency ?? ''
    const money = (amount: number): string => `${Math.round(amount * 100) / 100} ${unit}`.trim()
    said.push(message('worth', { money: money(Math.abs(m3) * price), price: money(price) }))
  }
  if (tilth.stressDays > given.stressDays)
    said.push(message('drier-days', { given: given.stressDays, tilth: tilth.stressDays }))
  return said
}

/** What stands in the field is what Tilth gave, or what it would have given while it only advises. */
function scheduleMessages(
  span: ComparisonSpan,
  timer: ComparisonView['timer'],
  isShadow: boolean,
): Message[] {
  const params = { depthMm: timer.mm, everyDays: timer.days }
  const m3 = wholeM3(span.timer.m3) - wholeM3((isShadow ? span.tilth : span.given).m3)
  if (m3 === 0) return [message('timer-same', params)]
  return [message(m3 > 0 ? 'timer-more' : 'timer-less', { ...params, m3: Math.abs(m3) })]
}

const caveats = (span: ComparisonSpan): Message[] => [
  ...(span.given.isMetered ? [] : [message('not-metered', {})]),
  ...(span.missingDays > 0 ? [message('days-missing', { missing: span.missingDays, of: span.days })] : []),
]

const wholeM3 = (m3: number): number => Math.round(m3)
const roundedWater = ({ m3, runs, stressDays, drainedMm }: SpanWater): SpanWater => ({
  m3: Math.round(m3 * 10) / 10,
  runs,
  stressDays,
  drainedMm: Math.round(drainedMm * 10) / 10,
})
