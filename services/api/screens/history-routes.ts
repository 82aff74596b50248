/** The history of a field: irrigation, treatments, work and loads of a year. */
import Type, { type Static } from 'typebox'
import { dayOf, startOfDay } from '../../../broker/contract/time.ts'
import { responses, ById } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { readRecords } from '../records/record-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { FieldHistory } from './field-schemas.ts'
import { recordLines, type RecordLine } from './record-lines-view.ts'
import { YearText } from '../http/validation/schema-primitives.ts'

const YearQuery = Type.Object({ year: Type.Optional(YearText) })

/**
 * Needs `read`. Days and the default year, the current one, are in the time zone of the farm; voided irrigations are
 * left out.
 */
export function historyRoutes(app: App, { state, clock }: Context): void {
  app.get(
    '/api/fields/:id/history',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'Get the records of a field by day',
        params: ById,
        querystring: YearQuery,
        response: responses(FieldHistory),
      },
    },
    async ({ params: { id }, query, caller: { org } }) => {
      const field = await ownRow(state, 'field', org, id)
      const { timeZone } = await ownRow(state, 'farm', org, field.farmId)
      // default: this year
      const year = Number(query.year ?? dayOf(clock.now(), timeZone).slice(0, 4))
      const [fromDay, toDay] = [firstDayOf(year), firstDayOf(year + 1)]
      const span = { fromMs: startOfDay(fromDay, timeZone), toMs: startOfDay(toDay, timeZone) }
      const irrigations = await state
        .selectFrom('irrigation')
        .selectAll()
        .where('fieldId', '=', field.id)
        .where('voidedAtMs', 'is', null)
        .where('commandedAtMs', '>=', span.fromMs)
        .where('commandedAtMs', '<', span.toMs)
        .execute()
      const records = await readRecords(state, field.id, { ...span, fromDay, toDay })
      return { year, days: historyDays(recordLines({ ...records, irrigations }, timeZone), timeZone) }
    },
  )
}

const firstDayOf = (year: number): string => `${String(year).padStart(4, '0')}-01-01`

type Days = Static<typeof FieldHistory>['days']

/** Newest day first; within a day, entries with a time come first, in order. */
export function historyDays(lines: readonly RecordLine[], timeZone: string): Days {
  const days = new Map<string, Days[number]['lines']>()
  const inOrder = lines.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
  const timed = [...inOrder.filter(({ day }) => day === null), ...inOrder.filter(({ day }) => day !== null)]
  for (const { what, id, atMs, day, message } of timed) {
    const of = day ?? dayOf(atMs, timeZone)
    const line = { what, id, atMs: day === null ? atMs : null, message }
    days.set(of, [...(days.get(of) ?? []), line])
  }
  return [...days]
    .map(([day, dayLines]) => ({ day, lines: dayLines }))
    .sort((a, b) => (a.day < b.day ? 1 : -1))
}
