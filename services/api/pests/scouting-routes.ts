/**
 * Scouting: counts and notes from the field. An offline phone queues an entry and may send it more than once:
 * its key makes it one row, and a repeat gets the first response.
 */
import { dayOf, DAY_MS } from '../../../broker/contract/time.ts'
import { ACTION_SHARE } from '../../agronomy/pests/economic-injury.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import type { ScoutingCountRow } from '../../tables.ts'
import { responses, ById } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import type { App, Context } from '../http/context.ts'
import { NewCount, NewNote, Receipt } from './pest-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { announce, audit } from '../http/audited-write.ts'

// the phone may have been offline for long; an older entry comes from a wrong clock
const MAX_AGE_MS = 366 * DAY_MS

type ScoutingForm = Pick<ScoutingCountRow, 'id' | 'kind' | 'subject' | 'count' | 'text' | 'atMs'>

/**
 * Need `record`. BAD_REQUEST for an unknown insect or an entry older than a year; CONFLICT for a reused key. A count
 * on plants also updates the pest economics.
 */
export function scoutingRoutes(app: App, context: Context): void {
  const { state, clock } = context
  const config = { needs: 'record' } as const

  app.post(
    '/api/fields/:id/scouting-counts',
    {
      config,
      schema: {
        summary: 'Record a scouting count',
        params: ById,
        body: NewCount,
        response: responses(Receipt),
      },
    },
    async ({ params: { id: fieldId }, body: { idem, subject, where, count, atMs }, caller }) => {
      if (!pestOf(subject)) fail('BAD_REQUEST', `subject: must be an insect that Tilth knows, got ${subject}`)
      return storeCount(caller, fieldId, { id: idem, kind: where, subject, count, text: null, atMs })
    },
  )

  app.post(
    '/api/fields/:id/notes',
    {
      config,
      schema: {
        summary: 'Record a scouting note',
        params: ById,
        body: NewNote,
        response: responses(Receipt),
      },
    },
    async ({ params: { id: fieldId }, body: { idem, text, atMs }, caller }) =>
      storeCount(caller, fieldId, { id: idem, kind: 'note', subject: null, count: null, text, atMs }),
  )

  async function storeCount(caller: Caller, fieldId: string, form: ScoutingForm): Promise<Receipt> {
    const { org, userId: actor } = caller
    const { id: ownId, farmId } = await ownRow(state, 'field', org, fieldId)
    const receivedMs = clock.now()
    if (form.atMs < receivedMs - MAX_AGE_MS)
      fail('BAD_REQUEST', `atMs: must be within the last year, got ${form.atMs}`)
    // a phone's clock may be ahead; an entry cannot be newer than its receipt
    const row: ScoutingCountRow = {
      ...form,
      org,
      farmId,
      fieldId: ownId,
      actor,
      receivedMs,
      atMs: Math.min(form.atMs, receivedMs),
    }
    let stored = row
    await inOrg(state, row.org, async (rows) => {
      const { numInsertedOrUpdatedRows } = await rows
        .insertInto('scoutingCount')
        .values(row)
        .onConflict((conflict) => conflict.columns(['org', 'id']).doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 0n) {
        stored = await scoutingRow(rows, org, row.id)
        return
      }
      if (row.kind === 'plants') await seenOnPlants(rows, row)
      const { subject, count, text } = row
      const action = row.kind === 'note' ? 'field.note' : 'field.count'
      await audit({ state: rows, clock }, caller, action, ownId, { kind: row.kind, subject, count, text })
    })
    if (!isSame(stored, row)) fail('CONFLICT', 'idem: this key was used for another entry; create a new key')
    if (stored === row) await announce(context, org, { event: 'field', fields: [ownId] })
    return { id: stored.id, receivedMs: stored.receivedMs }
  }

  /** The pest economics use it: the newest day wins. */
  async function seenOnPlants(
    rows: State,
    { org, fieldId, subject, count, atMs }: ScoutingCountRow,
  ): Promise<void> {
    const farm = await rows
      .selectFrom('farm')
      .innerJoin('field', 'field.farmId', 'farm.id')
      .select('farm.timeZone')
      .where('field.id', '=', fieldId)
      .executeTakeFirstOrThrow()
    const seenDay = dayOf(atMs, farm.timeZone)
    const figures = {
      costPerHa: null,
      valuePerT: null,
      injuryPerCount: null,
      lossPerInjury: null,
      shareSaved: null,
      actionShare: ACTION_SHARE,
      isUsed: 0 as const,
    }
    await rows
      .insertInto('pestEconomics')
      .values({ fieldId, target: subject!, org, ...figures, seenCount: count, seenDay })
      .onConflict((conflict) =>
        conflict
          .columns(['fieldId', 'target'])
          .doUpdateSet({ seenCount: count, seenDay })
          .where(({ eb, or, ref }) =>
            or([
              eb(ref('pestEconomics.seenDay'), 'is', null),
              eb(ref('pestEconomics.seenDay'), '<=', seenDay),
            ]),
          ),
      )
      .execute()
  }
}

const scoutingRow = (rows: State, org: string, id: string): Promise<ScoutingCountRow> =>
  rows
    .selectFrom('scoutingCount')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

const isSame = (stored: ScoutingCountRow, again: ScoutingCountRow): boolean =>
  stored.fieldId === again.fieldId &&
  stored.kind === again.kind &&
  stored.subject === again.subject &&
  stored.count === again.count &&
  stored.text === again.text &&
  // an entry from a clock ahead was set to its receipt
  stored.atMs === Math.min(again.atMs, stored.receivedMs)
