/** One field: all of its data over a span, and any of its series as columns. */
import Type from 'typebox'
import { dayOf, DAY_MS, HOUR_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { fail } from '../../errors.ts'
import { responses, ById } from '../http/responses.ts'
import { heartbeatMsOf, type App, type Context } from '../http/context.ts'
import { readFieldDetail, type Step } from './field-detail-queries.ts'
import { readFields } from '../farms/field-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { FieldDetail, SeriesColumns } from './field-schemas.ts'
import type { FieldRows } from '../farms/field-queries.ts'
import { fieldDetail } from './field-detail-view.ts'
import { roundColumn, downsample, usableValues } from '../http/downsample.ts'
import { InstantText } from '../http/validation/schema-primitives.ts'

type Range = '24h' | '7d' | '30d' | 'season'
const ranges: Record<Range, { days: number; aheadDays: number; step: Step }> = {
  '24h': { days: 1, aheadDays: 1, step: 'raw' },
  '7d': { days: 7, aheadDays: 3, step: 'hour' },
  '30d': { days: 30, aheadDays: 7, step: 'hour' },
  season: { days: 180, aheadDays: 10, step: 'day' }, // or since planting
}
const MAX_SEASON_DAYS = 290
const MAX_SERIES_DAYS = 1100
const MAX_RAW_DAYS = 31

const RangeQuery = Type.Object({ range: Type.Optional(Type.Enum(['24h', '7d', '30d', 'season'])) })
const SeriesParams = Type.Object({
  quantity: Type.String({ maxLength: 80 }),
  from: InstantText,
  to: InstantText,
  step: Type.Optional(Type.Enum(['raw', 'hour', 'day'])),
})

/**
 * Need `read`. BAD_REQUEST for a series of more than 1100 days, or 31 days in the step `raw`. Values of bad quality
 * are gaps.
 */
export function fieldRoutes(app: App, context: Context): void {
  const { state, series, clock, settings } = context
  const read = { needs: 'read' } as const

  app.get(
    '/api/fields/:id',
    {
      config: read,
      schema: {
        summary: 'Get all data of a field over a span',
        params: ById,
        querystring: RangeQuery,
        response: responses(FieldDetail),
      },
    },
    async (request) => {
      const { org } = request.caller
      const nowMs = clock.now()
      const [field] = await readFields(state, org, nowMs, request.params.id)
      if (!field) fail('NOT_FOUND', `there is no field ${request.params.id} in this organisation`)
      const range = request.query.range ?? '30d'
      const { aheadDays, step } = ranges[range]
      const fromMs = rangeStart(range, field, nowMs)
      const rows = await readFieldDetail(context, field, { fromMs, nowMs, aheadMs: aheadDays * DAY_MS, step })
      const heartbeatMs = heartbeatMsOf(settings)
      const pests = (await context.pests.due(org, field.field.id)).get(field.field.id) ?? []
      return fieldDetail(rows, { fromMs, nowMs, aheadDays, speed: settings.speed, heartbeatMs, pests })
    },
  )

  app.get(
    '/api/fields/:id/series',
    {
      config: read,
      schema: {
        summary: 'Get a series of a field as columns',
        params: ById,
        querystring: SeriesParams,
        response: responses(SeriesColumns),
      },
    },
    async (request) => {
      const { org } = request.caller
      const { id: field } = await ownRow(state, 'field', org, request.params.id)
      const { quantity, step = 'hour' } = request.query
      const fromMs = Number(request.query.from)
      const toMs = Number(request.query.to)
      if (!quantityOf(quantity))
        fail('BAD_REQUEST', `quantity: must be a quantity of the contract, got ${quantity.slice(0, 80)}`)
      if (!(fromMs < toMs) || toMs - fromMs > MAX_SERIES_DAYS * DAY_MS)
        fail('BAD_REQUEST', `from, to: must span 1 ms to ${MAX_SERIES_DAYS} days, got ${toMs - fromMs} ms`)
      if (step === 'raw' && toMs - fromMs > MAX_RAW_DAYS * DAY_MS)
        fail('BAD_REQUEST', `step: raw spans at most ${MAX_RAW_DAYS} days; choose hour or day`)
      const query = { org, field, quantity, fromMs, toMs }
      const match =
        step === 'raw'
          ? (await series.range(query)).map((row) => ({ ...row, value: usableValues(row) }))
          : (await series.means({ ...query, step })).map((row) => ({ ...row, value: row.mean }))
      return {
        series: match.map(({ device, depthCm, atMs, value }) => {
          const columns = downsample({ atMs, value }, step === 'raw' ? typicalStep(atMs) : stepMs[step])
          return { device, depthCm, atMs: columns.atMs, value: roundColumn(columns.value, quantity) }
        }),
      }
    },
  )
}

const stepMs = { hour: HOUR_MS, day: DAY_MS }

function rangeStart(range: Range, { season, farm }: FieldRows, nowMs: AtMs): AtMs {
  const today = startOfDay(dayOf(nowMs, farm.timeZone), farm.timeZone)
  if (range === '24h') return nowMs - DAY_MS
  if (range !== 'season' || season === null) return today - ranges[range].days * DAY_MS
  const plantedMs = startOfDay(season.plantedDay, farm.timeZone)
  return plantedMs > nowMs
    ? today - ranges.season.days * DAY_MS
    : Math.max(plantedMs, nowMs - MAX_SEASON_DAYS * DAY_MS)
}

/** The median interval between readings of a series. */
function typicalStep(atMs: readonly number[]): number {
  const steps = atMs
    .slice(1)
    .map((at, i) => at - atMs[i]!)
    .sort((a, b) => a - b)
  return steps[steps.length >> 1] ?? HOUR_MS
}
