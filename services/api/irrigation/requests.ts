/**
 * What a person asks for: a row first, then word to dispatch, then a moment's wait for its answer. The row is what
 * counts: when dispatch is away the request waits in the store, and the phone is told 'new', never 'done'.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { internalTopic } from '../../../broker/contract/topics.ts'
import { fail } from '../../errors.ts'
import type { RequestRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { readCommandOf } from './command-queries.ts'
import type { RequestResult } from './command-schemas.ts'
import { commandView } from './command-view.ts'
import { audit } from '../http/audited-write.ts'

// of real time: a person is holding the phone
const RESULT_TIMEOUT_MS = 1_000
const LOOK_EVERY_MS = 25
const ANNOUNCE_EVERY_MS = 250
const ANNOUNCE_FOR_MS = 600_000

export type NewRequest = Pick<RequestRow, 'id' | 'kind'> &
  Partial<
    Pick<
      RequestRow,
      'zoneId' | 'runId' | 'deviceId' | 'alertId' | 'minutes' | 'expectedStartMs' | 'decidedOfflineAtMs'
    >
  >

/** The same key twice is one request. CONFLICT when the key was used for something else. */
export async function submitRequest(
  context: Context,
  caller: Caller,
  wish: NewRequest,
): Promise<RequestResult> {
  const { state, bus, clock, log } = context
  const { org, userId: actor } = caller
  const row: RequestRow = {
    zoneId: null,
    runId: null,
    deviceId: null,
    minutes: null,
    expectedStartMs: null,
    decidedOfflineAtMs: null,
    ...wish,
    org,
    actor,
    atMs: clock.now(),
    state: 'new',
    reason: null,
    resultId: null,
    alertId: null,
  }
  // a STOP is not kept without its author, nor kept and then told to have failed
  const keep = state.transaction().execute(async (rows) => {
    const inserted = await rows
      .insertInto('request')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst()
    if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
    const subject = row.zoneId ?? row.deviceId ?? row.runId ?? org
    await audit({ state: rows, clock }, caller, `request.${wish.kind}`, subject, wish)
    return true
  })
  const isNew = await keep.catch((error: unknown) => stopUnrecorded(context, row, error))
  const kept = isNew ? row : await readSameRequest(context, row)
  if (kept.state === 'new') {
    const announce = () =>
      bus.publish(internalTopic(org, 'request'), JSON.stringify({ id: wish.id }), { qos: 1, retain: false })
    try {
      await announce()
    } catch (error) {
      log.warn({ error, request: wish.id }, 'a request could not be announced; it is announced again')
      void retryAnnouncement(announce)
    }
  }
  return requestResult(context, await waitForOutcome(context, kept))
}

/** A STOP that cannot be written is sent to the valves without a record, and the phone is told so. */
async function stopUnrecorded({ bus }: Context, row: RequestRow, cause: unknown): Promise<never> {
  if (row.kind !== 'stop' && row.kind !== 'stop-all') throw cause
  const unrecorded = { zoneId: row.zoneId, actor: row.actor }
  const word = JSON.stringify({ id: row.id, unrecorded })
  await bus.publish(internalTopic(row.org, 'request'), word, { qos: 1, retain: false })
  fail('STORE_UNAVAILABLE', 'STOP was sent to the valves and could not be written; press it again', { cause })
}

/** A person does not ask twice for a STOP: the bus is back in a moment, and then dispatch must hear of it. */
async function retryAnnouncement(announce: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < ANNOUNCE_FOR_MS / ANNOUNCE_EVERY_MS; tries++) {
    await wait(ANNOUNCE_EVERY_MS, undefined, { ref: false })
    const isHeard = await announce().then(
      () => true,
      () => false,
    )
    if (isHeard) return
  }
}

/** A request with what came of it so far. */
export async function requestResult(context: Context, request: RequestRow): Promise<RequestResult> {
  const rows =
    request.state === 'accepted'
      ? await readCommandOf(context, request.org, context.clock.now(), request)
      : null
  const { id, state, reason } = request
  return { id, state, reason, cmd: rows && commandView(rows) }
}

async function readSameRequest({ state }: Context, row: RequestRow): Promise<RequestRow> {
  const kept = await state
    .selectFrom('request')
    .selectAll()
    .where('id', '=', row.id)
    .where('org', '=', row.org)
    .executeTakeFirst()
  const same = (['kind', 'zoneId', 'runId', 'deviceId', 'minutes', 'expectedStartMs'] as const).every(
    (key) => kept?.[key] === row[key],
  )
  return kept && same ? kept : fail('CONFLICT', 'idem: this key was used for another request, make a new one')
}

async function waitForOutcome({ state }: Context, request: RequestRow): Promise<RequestRow> {
  let row = request
  for (let waitedMs = 0; row.state === 'new' && waitedMs < RESULT_TIMEOUT_MS; waitedMs += LOOK_EVERY_MS) {
    await wait(LOOK_EVERY_MS)
    row = await state.selectFrom('request').selectAll().where('id', '=', row.id).executeTakeFirstOrThrow()
  }
  return row
}
