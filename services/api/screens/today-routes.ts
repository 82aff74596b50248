/** Today, the plan of a day, and the explanation of a decision. */
import { createHash } from 'node:crypto'
import Type from 'typebox'
import { addDays, dayOf, HOUR_MS, MINUTE_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import { readDecision, type RunRow } from '../../tables.ts'
import { approvedVerdict } from '../../domain/approved-verdict.ts'
import type { State } from '../../ports.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import { responses, ById } from '../http/responses.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { readLiveCommands } from '../irrigation/command-queries.ts'
import { readFields } from '../farms/field-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { readIrrigations, readLaterRuns, readUnfinished } from '../irrigation/unfinished-run-queries.ts'
import { waterGiven } from '../irrigation/water-given.ts'
import { readFlows, readStops, readUnplannedWater } from '../irrigation/unfinished-run-queries.ts'
import { PlanView, DecisionView } from '../irrigation/plan-schemas.ts'
import { Today } from './today-schemas.ts'
import { type Message } from '../http/validation/value-schemas.ts'
import { comparisonView } from '../irrigation/comparison-view.ts'
import { decidedRunOf, rainSkipView } from './field-card-view.ts'
import { type FieldRows } from '../farms/field-queries.ts'
import { planView } from './plan-view.ts'
import { todayView, mainTimeZone } from './today-view.ts'
import { Day } from '../http/validation/schema-primitives.ts'

const FORECAST_DAYS = 3
const FORECAST_CACHE_MS = 30 * MINUTE_MS
const MAX_EARLIER_DECISIONS = 30
/** The night of a day: from 18:00 of the day before to 08:00. */
const NIGHT_BEFORE_MS = 6 * HOUR_MS
const NIGHT_AFTER_MS = 8 * HOUR_MS
/** A run that gave water before midnight and after it is on both days. */
const reachesInto = ({ startMs, minutes, state }: RunRow, midnightMs: AtMs): boolean =>
  startMs < midnightMs &&
  startMs + minutes * MINUTE_MS > midnightMs &&
  (state === 'sent' || state === 'running' || state === 'done')

/**
 * Need `read`. Today is a 304 when nothing but its clock has changed. A plan leaves cancelled runs out; BAD_REQUEST
 * for a day outside 2000-2999.
 */
export function todayRoutes(app: App, context: Context): void {
  const { state, clock, settings } = context
  const read = { needs: 'read' } as const
  const forecastOf = cachedForecast(context)

  app.get(
    '/api/today',
    { config: read, schema: { summary: 'Get Today', response: responses(Today) } },
    async (request, reply) => {
      const { org, orgName } = request.caller
      const nowMs = clock.now()
      const fields = await readFields(state, org, nowMs)
      const [commands, alerts, zones, devices, unfinished, forecast, pests] = await Promise.all([
        readLiveCommands(context, org, nowMs),
        state
          .selectFrom('alert')
          .selectAll()
          .where('org', '=', org)
          .where('clearedMs', 'is', null)
          .orderBy('sinceMs', 'desc')
          .limit(100)
          .execute(),
        state
          .selectFrom('zone')
          .select(['id', 'fieldId', 'controllerId', 'valve'])
          .where('org', '=', org)
          .execute(),
        state.selectFrom('device').select(['id', 'name']).where('org', '=', org).execute(),
        readUnfinished(state, org, nowMs, new Map(fields.map(({ field }) => [field.id, field.name]))),
        forecastOf(org, fields),
        context.pests.due(org),
      ])
      const { speed } = settings
      const today = todayView({
        org: { id: org, name: orgName },
        fields,
        pests,
        commands,
        alerts,
        zones,
        devices,
        unfinished,
        forecast,
        spray: fields[0] ? context.pests.sprayToday(forecast, fields[0].farm, nowMs) : null,
        nowMs,
        speed,
      })
      // the clock differs in every response: it is not part of the etag
      const { clock: _, ...rest } = today
      const etag = `"${createHash('sha1').update(JSON.stringify(rest)).digest('base64url')}"`
      void reply.header('etag', etag)
      if (request.headers['if-none-match'] === etag) return reply.code(304).send(undefined as never)
      return today
    },
  )

  const Query = Type.Object({ day: Type.Optional(Day) })
  app.get(
    '/api/plan',
    {
      config: read,
      schema: { summary: 'Get the plan of a day', querystring: Query, response: responses(PlanView) },
    },
    async (request) => {
      const { org } = request.caller
      const nowMs = clock.now()
      const fields = await readFields(state, org, nowMs)
      const timeZone = mainTimeZone(fields)
      const day = request.query.day ?? dayOf(nowMs, timeZone)
      checkDay('day', day)
      const [pumps, zones, bothDays] = await Promise.all([
        state.selectFrom('pump').selectAll().where('org', '=', org).orderBy('name').execute(),
        state.selectFrom('zone').selectAll().where('org', '=', org).execute(),
        state
          .selectFrom('run')
          .selectAll()
          .where('org', '=', org)
          .where('day', 'in', [addDays(day, -1), day])
          .where('state', '!=', 'cancelled')
          .orderBy('startMs')
          .execute(),
      ])
      const startMs = startOfDay(day, timeZone)
      const runs = bothDays.filter((run) => run.day === day || reachesInto(run, startMs))
      const failed = runs.filter(({ state }) => state === 'failed')
      const [irrigations, withoutRun, later, stops, flows] = await Promise.all([
        readIrrigations(state, org, runs),
        readUnplannedWater(state, org, day, timeZone),
        readLaterRuns(state, org, failed),
        readStops(state, org, runs),
        readFlows(state, org, startMs),
      ])
      const fieldNames = new Map(fields.map(({ field }) => [field.id, field.name]))
      const givenIn = (fromMs: AtMs, toMs: AtMs) => waterGiven(flows, fieldNames, { fromMs, toMs })
      const ofDay = { fromMs: startMs, toMs: startOfDay(addDays(day, 1), timeZone) }
      return planView({
        day,
        timeZone,
        nowMs,
        speed: settings.speed,
        pumps,
        zones,
        fieldNames,
        runs,
        irrigations,
        unplanned: withoutRun,
        later,
        stops,
        given: {
          night: givenIn(startMs - NIGHT_BEFORE_MS, startMs + NIGHT_AFTER_MS),
          eveningLitres: givenIn(startMs - NIGHT_BEFORE_MS, startMs).litres,
          given: givenIn(ofDay.fromMs, ofDay.toMs),
        },
        givenBy: (isCounted) => {
          const counted = flows.filter(({ zoneId }) => isCounted(zoneId))
          const { litres, unknownRuns } = waterGiven(counted, fieldNames, ofDay)
          return { litres, unknownRuns }
        },
      })
    },
  )

  app.get(
    '/api/decisions/:id',
    {
      config: read,
      schema: {
        summary: 'Get the explanation of a decision',
        params: ById,
        response: responses(DecisionView),
      },
    },
    async (request) => {
      const { org } = request.caller
      const why = await ownRow(state, 'decision', org, request.params.id)
      const field = await ownRow(state, 'field', org, why.fieldId)
      const farm = await ownRow(state, 'farm', org, field.farmId)
      const earlier = await state
        .selectFrom('decision')
        .selectAll()
        .where('fieldId', '=', why.fieldId)
        .where('org', '=', org)
        .where('atMs', '<', why.atMs)
        .orderBy('atMs', 'desc')
        .limit(MAX_EARLIER_DECISIONS)
        .execute()
      const advice = await state
        .selectFrom('advice')
        .select('nextRunId')
        .where('decisionId', '=', why.id)
        .where('org', '=', org)
        .where('nextRunId', 'is not', null)
        .executeTakeFirst()
      const runs = await state
        .selectFrom('run')
        .selectAll()
        .where(({ eb, or }) =>
          or([eb('decisionId', '=', why.id), ...(advice ? [eb('id', '=', advice.nextRunId)] : [])]),
        )
        .where('org', '=', org)
        .orderBy('startMs')
        .execute()
      const decidedRun = runs.find(({ id }) => id === advice?.nextRunId) ?? runs[0] ?? null
      const skipped = runs.find(({ decisionId, rainSkip }) => decisionId === why.id && rainSkip !== null)
      const skip = skipped ? rainSkipView(skipped) : null
      const compare = await fixedScheduleComparison(state, org, why.fieldId)
      const { key, params, terms, inputs, counterfactuals } = readDecision(why.body)
      return {
        id: why.id,
        fieldId: field.id,
        fieldName: field.name,
        timeZone: farm.timeZone,
        atMs: why.atMs,
        verdict: approvedVerdict({ key, params }, decidedRunOf(decidedRun), clock.now()),
        after: skip === null || skip.key === 'rain-by' ? null : afterOf(skip),
        terms,
        inputs,
        counterfactuals,
        compare,
        history: earlier.map((row) => {
          const { key, params } = readDecision(row.body)
          return { id: row.id, atMs: row.atMs, verdict: { key, params } }
        }),
      }
    },
  )
}

const afterOf = ({ key, ...params }: NonNullable<ReturnType<typeof rainSkipView>>) => ({ key, params })

/** The fixed-schedule comparison of a field in one message; null when it is not compared. */
async function fixedScheduleComparison(state: State, org: string, fieldId: string): Promise<Message | null> {
  const [comparison, habit, zones] = await Promise.all([
    state
      .selectFrom('waterComparison')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', '=', fieldId)
      .executeTakeFirst(),
    state
      .selectFrom('fixedSchedule')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', '=', fieldId)
      .executeTakeFirst(),
    state.selectFrom('zone').select('mode').where('org', '=', org).where('fieldId', '=', fieldId).execute(),
  ])
  const view = comparisonView({
    comparison: comparison ?? null,
    habit: habit ?? null,
    zones: zones.map((zone) => ({ zone })),
  })
  return view?.messages.find(({ key }) => key.startsWith('fixed-schedule-')) ?? null
}

/** The forecast of an organisation's first farm, cached for half an hour. */
function cachedForecast({ forecast, clock, log }: Context) {
  const stored = new Map<string, { untilMs: number; answer: Promise<ForecastResponse | null> }>()
  return async (org: string, fields: FieldRows[]): Promise<ForecastResponse | null> => {
    const farm = fields[0]?.farm
    if (!forecast || !farm) return null
    const nowMs = clock.now()
    const existing = stored.get(org)
    if (existing && existing.untilMs > nowMs) return existing.answer
    const sky = forecast
      .daily({ org, farm: farm.id }, dayOf(nowMs, farm.timeZone), FORECAST_DAYS)
      .catch((error: unknown) => {
        log.warn({ error }, 'no forecast')
        // shown without a forecast; the next request retries
        stored.delete(org)
        return null
      })
    stored.set(org, { untilMs: nowMs + FORECAST_CACHE_MS, answer: sky })
    return sky
  }
}
