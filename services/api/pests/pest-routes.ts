/** Pests and diseases of the whole organisation, from stored results: nothing is recomputed for a view. */
import { flags } from '../../../broker/contract/quantities.ts'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { responses } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { PestsView } from './pest-schemas.ts'
import { orDefaultAfter } from '../http/with-timeout.ts'
import { hazardViews } from './hazard-view.ts'
import { modelIdOf } from '../models/model-queries.ts'
import { mostCommonTimeZone } from '../farms/field-queries.ts'
import { trapViews, type TrapCounts } from './trap-view.ts'

// older counts do not need their last two compared
const COUNTS_WINDOW_MS = 30 * DAY_MS
const SERIES_TIMEOUT_MS = 5_000
const MAX_SPRAYS = 30
const TRAP_QUANTITY = 'trap.count/'

/**
 * Needs `read`. Counts of the last 30 days, and the newest 30 sprays. `seriesUnavailable`: trap counts are unknown
 * because the series store did not respond within 5 s.
 */
export function pestRoutes(app: App, context: Context): void {
  const { state, series, clock, settings, pests } = context

  app.get(
    '/api/pests',
    {
      config: { needs: 'read' },
      schema: { summary: 'List pests and diseases of all fields', response: responses(PestsView) },
    },
    async ({ caller: { org } }): Promise<PestsView> => {
      const nowMs = clock.now()
      const [fields, models, traps, sightings, dailyCounts] = await Promise.all([
        pests.overview(org),
        state
          .selectFrom('model')
          .select(['kind', 'subject', 'version', 'state'])
          .where('org', '=', org)
          .where('kind', '=', 'pest-flight')
          .orderBy('version')
          .execute(),
        state
          .selectFrom('device')
          .select(['id', 'name', 'everyS'])
          .where('org', '=', org)
          .where('kind', '=', 'trap')
          .execute(),
        state
          .selectFrom('scoutingCount')
          .selectAll()
          .where('org', '=', org)
          .where('kind', '!=', 'note')
          .where('atMs', '>=', nowMs - COUNTS_WINDOW_MS)
          .orderBy('atMs')
          .execute(),
        orDefaultAfter(countedByTraps(org, nowMs), null, SERIES_TIMEOUT_MS),
      ])
      return {
        clock: { nowMs, speed: settings.speed },
        timeZone: mostCommonTimeZone(fields.map(({ timeZone }) => timeZone)),
        fieldCount: fields.length,
        hazards: hazardViews(fields, flightModels(models)),
        traps: trapViews({ fields, counted: dailyCounts ?? [], traps, sightings, nowMs }),
        seriesUnavailable: dailyCounts === null,
        sprays: fields
          .flatMap(({ fieldId, fieldName, sprays }) =>
            sprays.map((spray) => ({ ...spray, fieldId, fieldName })),
          )
          .sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? -1 : 1))
          .slice(0, MAX_SPRAYS),
      }
    },
  )

  async function countedByTraps(org: string, nowMs: AtMs): Promise<TrapCounts[]> {
    const span = { org, fromMs: nowMs - COUNTS_WINDOW_MS, toMs: nowMs + 1 }
    const rows = await series.range({ ...span, quantity: `${TRAP_QUANTITY}*` })
    return rows.map(({ field, device, quantity, atMs, value, flag }) => ({
      fieldId: field,
      deviceId: device,
      subject: quantity.slice(TRAP_QUANTITY.length),
      counts: atMs.flatMap((at, i) => {
        const count = value[i]
        return count != null && (flag[i] ?? flags.missing) <= flags.notEvaluated ? [{ atMs: at, count }] : []
      }),
    }))
  }
}

/** By `fieldId/subject` the flight model in use; the first flight of a year represents all. */
function flightModels(
  models: readonly { kind: 'pest-flight' | string; subject: string; state: string }[],
): Map<string, string> {
  const newest = new Map(models.map((model) => [model.subject, model]))
  const match = new Map<string, string>()
  for (const { subject, state } of newest.values()) {
    const place = subject.slice(0, subject.lastIndexOf('/'))
    if (state === 'used' && !match.has(place)) match.set(place, modelIdOf({ kind: 'pest-flight', subject }))
  }
  return match
}
