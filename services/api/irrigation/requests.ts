/**
 * Submits a person's request: first a row, then an event for dispatch, then a short wait for its outcome. The
 * row is authoritative: when dispatch is unavailable the request waits in the store, and the phone receives
 * 'new', never 'done'.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { fail } from '../../errors.ts'
import type { RequestRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { readCommandOf } from './command-queries.ts'
import type { RequestResult } from './command-schemas.ts'
import { commandView } from './command-view.ts'
import { audit } from '../http/audited-write.ts'
import { publishRequest } from '../../runtime/request-events.ts'
import { inOrg } from '../../runtime/transactions.ts'

// wall time: a person is waiting
const RESULT_TIMEOUT_MS = 1_000
const ANNOUNCE_EVERY_MS = 250
const ANNOUNCE_FOR_MS = 600_000

export type NewRequest = Pick<RequestRow, 'id' | 'kind'> &
  Partial<
    Pick<
      RequestRow,
      | 'zoneId'
      | 'runId'
      | 'deviceId'
      | 'alertId'
      | 'minutes'
      | 'expectedStartMs'
      | 'decidedOfflineAtMs'
      | 'pressedAtMs'
      | 'undoesStop'
    >
  >

/** The same key twice is one request. CONFLICT when the key was used for another request. */
export async function submitRequest(
  context: Context,
  caller: Caller,
  newRequest: NewRequest,
): Promise<RequestResult> {
  const { state, bus, clock, log, outcomes } = context
  const { org, userId: actor } = caller
  const row: RequestRow = {
    zoneId: null,
    runId: null,
    deviceId: null,
    minutes: null,
    expectedStartMs: null,
    decidedOfflineAtMs: null,
    ...newRequest,
    org,
    actor,
    atMs: clock.now(),
    state: 'new',
    reason: null,
    resultId: null,
    alertId: null,
  }
  if (caller.isVerifiedEarlier) await stopUnrecorded(context, row, 'the state store does not respond')
  // a STOP is never stored without its author, nor stored and then reported as failed
  const storing = inOrg(state, row.org, async (rows) => {
    const inserted = await rows
      .insertInto('request')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst()
    if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
    const subject = row.zoneId ?? row.deviceId ?? row.runId ?? org
    await audit({ state: rows, clock }, caller, `request.${newRequest.kind}`, subject, newRequest)
    return true
  })
  const isNew = await storing.catch((error: unknown) => stopUnrecorded(context, row, error))
  const stored = isNew ? row : await readSameRequest(context, row)
  if (stored.state !== 'new') return requestResult(context, stored)
  const outcome = outcomes.next(stored.id, RESULT_TIMEOUT_MS)
  const announce = () => publishRequest(bus, org, { id: newRequest.id })
  try {
    await announce()
  } catch (error) {
    log.warn({ error, request: newRequest.id }, 'a request event could not be published; it is retried')
    void retryAnnouncement(announce)
  }
  await outcome
  return requestResult(context, await readRequest(context, stored.id))
}

/** A STOP that cannot be stored is sent to the valves without a record, and the phone is notified. */
async function stopUnrecorded({ bus }: Context, row: RequestRow, cause: unknown): Promise<never> {
  if (row.kind !== 'stop' && row.kind !== 'stop-all') throw cause
  const unrecorded = { zoneId: row.zoneId, actor: row.actor }
  await publishRequest(bus, row.org, { id: row.id, unrecorded })
  fail('STOP_UNRECORDED', 'STOP was sent to the valves and is recorded later', { cause })
}

/** A person presses STOP only once: retry until the bus is back and dispatch receives it. */
async function retryAnnouncement(announce: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < ANNOUNCE_FOR_MS / ANNOUNCE_EVERY_MS; tries++) {
    await wait(ANNOUNCE_EVERY_MS, undefined, { ref: false })
    const isPublished = await announce().then(
      () => true,
      () => false,
    )
    if (isPublished) return
  }
}

/** A request with its outcome so far. */
export async function requestResult(context: Context, request: RequestRow): Promise<RequestResult> {
  const rows =
    request.state === 'accepted'
      ? await readCommandOf(context, request.org, context.clock.now(), request)
      : null
  const { id, state, reason } = request
  return { id, state, reason, command: rows && commandView(rows) }
}

async function readSameRequest({ state }: Context, row: RequestRow): Promise<RequestRow> {
  const stored = await state
    .selectFrom('request')
    .selectAll()
    .where('id', '=', row.id)
    .where('org', '=', row.org)
    .executeTakeFirst()
  const isSame = (['kind', 'zoneId', 'runId', 'deviceId', 'minutes', 'expectedStartMs'] as const).every(
    (key) => stored?.[key] === row[key],
  )
  return stored && isSame
    ? stored
    : fail('CONFLICT', 'idem: this key was used for another request; create a new key')
}

const readRequest = ({ state }: Context, id: string): Promise<RequestRow> =>
  state.selectFrom('request').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
