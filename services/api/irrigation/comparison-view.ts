/** What the valve gave beside what Tilth and the old timer would have given, in sentences. */
import {
  fromJson,
  type ComparisonRow,
  type ComparisonSpan,
  type HabitRow,
  type SpanWater,
  type ZoneRow,
} from '../../tables.ts'
import type { compareKeys } from '../http/message-keys.ts'
import type { ComparisonView, Message } from '../schemas.ts'

type Said = Message
const say = (key: keyof typeof compareKeys, params: Said['params']): Said => ({ key, params })

export function comparisonView(rows: {
  comparison?: ComparisonRow | null
  habit?: HabitRow | null
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
      given: { ...rounded(span.given), isMetered: span.given.isMetered },
      tilth: rounded(span.tilth),
      timer: rounded(span.timer),
    })),
    messages: [
      ...(isShadow && season ? shadow(season, habit) : []),
      ...(week ? besideTimer(week, timer, isShadow) : []),
      ...(season ? doubts(season) : []),
    ],
  }
}

/** The farmer's own schedule, and Tilth beside it. */
function shadow(span: ComparisonSpan, habit: HabitRow | null): Said[] {
  const { given, tilth, fromDay } = span
  const [givenM3, tilthM3] = [whole(given.m3), whole(tilth.m3)]
  const m3 = givenM3 - tilthM3
  const params = { givenM3, tilthM3, fromDay }
  const said: Said[] =
    m3 === 0
      ? [say('tilth-same', params)]
      : [say(m3 > 0 ? 'tilth-less' : 'tilth-more', { ...params, m3: Math.abs(m3) })]
  const price = habit?.waterPricePerM3 ?? null
  if (price !== null && m3 !== 0) {
    const unit = habit?.currency ?? ''
    const money = (amount: number): string => `${Math.round(amount * 100) / 100} ${unit}`.trim()
    said.push(say('worth', { money: money(Math.abs(m3) * price), price: money(price) }))
  }
  if (tilth.stressDays > given.stressDays)
    said.push(say('drier-days', { given: given.stressDays, tilth: tilth.stressDays }))
  return said
}

/** What stands in the field is what Tilth gave, or what it would have given while it only advises. */
function besideTimer(span: ComparisonSpan, timer: ComparisonView['timer'], isShadow: boolean): Said[] {
  const params = { timerMm: timer.mm, timerDays: timer.days }
  const m3 = whole(span.timer.m3) - whole((isShadow ? span.tilth : span.given).m3)
  if (m3 === 0) return [say('timer-same', params)]
  return [say(m3 > 0 ? 'timer-more' : 'timer-less', { ...params, m3: Math.abs(m3) })]
}

const doubts = (span: ComparisonSpan): Said[] => [
  ...(span.given.isMetered ? [] : [say('not-metered', {})]),
  ...(span.missingDays > 0 ? [say('days-missing', { missing: span.missingDays, of: span.days })] : []),
]

const whole = (m3: number): number => Math.round(m3)
const rounded = ({ m3, runs, stressDays, drainedMm }: SpanWater): SpanWater => ({
  m3: Math.round(m3 * 10) / 10,
  runs,
  stressDays,
  drainedMm: Math.round(drainedMm * 10) / 10,
})
