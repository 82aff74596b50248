/** Compares the applied water with Tilth's plan and the previous fixed schedule, in messages. */
import {
  readWaterComparison,
  type WaterComparisonRow,
  type ComparisonSpan,
  type FixedScheduleRow,
  type SpanWater,
  type ZoneRow,
} from '../../tables.ts'
import type { compareKeys } from '../http/message-keys.ts'
import type { ComparisonView } from './comparison-schemas.ts'
import type { Message } from '../http/validation/value-schemas.ts'

/** Below this share of what Tilth advised, less water is no saving: it was not given. */
const GIVEN_SHARE = 0.8

const message = (key: keyof typeof compareKeys, params: Message['params']): Message => ({ key, params })

/**
 * Null before the first comparison. Savings over the season are stated only while a zone is in the mode `advise` or
 * `off`; volumes are rounded.
 */
export function comparisonView(rows: {
  comparison?: WaterComparisonRow | null
  habit?: FixedScheduleRow | null
  zones: readonly { zone: Pick<ZoneRow, 'mode'> }[]
}): ComparisonView | null {
  if (!rows.comparison) return null
  const { fixedSchedule, spans } = readWaterComparison(rows.comparison.body)
  const habit = rows.habit ?? null
  const isShadow = rows.zones.some(({ zone }) => zone.mode === 'advise' || zone.mode === 'off')
  const [week, season] = ['week', 'season'].map((key) => spans.find((span) => span.key === key))
  return {
    throughDay: rows.comparison.throughDay,
    fixedSchedule,
    waterPricePerM3: habit?.waterPricePerM3 ?? null,
    currency: habit?.currency ?? null,
    spans: spans.map((span) => ({
      ...span,
      actual: { ...roundedWater(span.actual), isMetered: span.actual.isMetered },
      tilth: roundedWater(span.tilth),
      fixedSchedule: roundedWater(span.fixedSchedule),
    })),
    messages: [
      ...(isShadow && season ? shadowMessages(season, habit) : []),
      ...(week ? scheduleMessages(week, fixedSchedule, isShadow) : []),
      ...(season ? caveats(season) : []),
    ],
  }
}

/** The farmer's own schedule compared with Tilth. */
function shadowMessages(span: ComparisonSpan, fixedSchedule: FixedScheduleRow | null): Message[] {
  const { actual: rest, tilth, fromDay } = span
  const [actualM3, tilthM3] = [wholeM3(rest.m3), wholeM3(tilth.m3)]
  const m3 = actualM3 - tilthM3
  const params = { actualM3, tilthM3, fromDay }
  const messages: Message[] =
    m3 === 0
      ? [message('tilth-same', params)]
      : [message(m3 > 0 ? 'tilth-less' : 'tilth-more', { ...params, m3: Math.abs(m3) })]
  const price = fixedSchedule?.waterPricePerM3 ?? null
  if (price !== null && m3 !== 0) {
    const unit = fixedSchedule?.currency ?? ''
    const money = (amount: number): string => `${Math.round(amount * 100) / 100} ${unit}`.trim()
    messages.push(message('saved-money', { money: money(Math.abs(m3) * price), price: money(price) }))
  }
  if (tilth.stressDays > rest.stressDays)
    messages.push(message('drier-days', { actual: rest.stressDays, tilth: tilth.stressDays }))
  return messages
}

/** Compares Tilth with the fixed schedule: the applied water, or Tilth's advice while it only advises. */
function scheduleMessages(
  span: ComparisonSpan,
  fixedSchedule: ComparisonView['fixedSchedule'],
  isShadow: boolean,
): Message[] {
  const params = { depthMm: fixedSchedule.mm, everyDays: fixedSchedule.days }
  const own = isShadow ? span.tilth : span.actual
  const m3 = wholeM3(span.fixedSchedule.m3) - wholeM3(own.m3)
  if (m3 === 0) return [message('fixed-schedule-same', params)]
  if (!isShadow && m3 > 0 && own.m3 < GIVEN_SHARE * span.tilth.m3)
    return [
      message('fixed-schedule-not-given', {
        ...params,
        actualM3: wholeM3(own.m3),
        tilthM3: wholeM3(span.tilth.m3),
        fixedM3: wholeM3(span.fixedSchedule.m3),
      }),
    ]
  const used = message(m3 > 0 ? 'fixed-schedule-more' : 'fixed-schedule-less', {
    ...params,
    m3: Math.abs(m3),
  })
  const isDrier = !isShadow && m3 > 0 && own.stressDays > span.fixedSchedule.stressDays
  const days = { actual: own.stressDays, fixedSchedule: span.fixedSchedule.stressDays }
  return isDrier ? [used, message('fixed-schedule-wetter', days)] : [used]
}

const caveats = (span: ComparisonSpan): Message[] => [
  ...(span.actual.isMetered ? [] : [message('not-metered', {})]),
  ...(span.missingDays > 0 ? [message('days-missing', { missing: span.missingDays, of: span.days })] : []),
]

const wholeM3 = (m3: number): number => Math.round(m3)
const roundedWater = ({ m3, runs, stressDays, drainedMm }: SpanWater): SpanWater => ({
  m3: Math.round(m3 * 10) / 10,
  runs,
  stressDays,
  drainedMm: Math.round(drainedMm * 10) / 10,
})
