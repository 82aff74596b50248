/**
 * The notification rows: one per alert and channel, sent once, given up after a day. The rows hold the whole state,
 * so a restart loses nothing and sends nothing twice.
 */
import { randomUUID } from 'node:crypto'
import { DAY_MS, HOUR_MS, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { readAlertParams, type NotificationRow } from '../tables.ts'
import { causeKeyOf } from './causes.ts'
import type { NamedAlert } from './compose.ts'
import type { DeliveryProblem } from './post.ts'
import { ALL_CLEAR, channelKey, type OrgRecipients, type Recipient } from './recipients.ts'
import { dueMs } from './when-due.ts'

const AT_ONCE = 50 // rows per statement
const MOST_DUE = 1_000 // per check
const FIRST_PAUSE_MS = MINUTE_MS
const LONGEST_PAUSE_MS = HOUR_MS
const GIVEN_UP_AFTER_MS = DAY_MS
// a recurring cause is sent again once a day
const REPEAT_MS = HOUR_MS
const REPEATS_FOR_MS = DAY_MS
const KEPT_MS = 90 * DAY_MS

/** The pending notifications of one recipient. */
export interface Delivery {
  org: string
  recipient: Recipient
  timeZone: string
  notices: NotificationRow[]
  alerts: NamedAlert[] // in the order of the notifications
}

/** Queues a notification for each active alert and recipient without one. */
export async function queueNotifications(
  state: State,
  { org, timeZone, recipients }: OrgRecipients,
  nowMs: AtMs,
): Promise<void> {
  const activeAlerts = await state
    .selectFrom('alert')
    .selectAll()
    .where('org', '=', org)
    .where('clearedMs', 'is', null)
    .execute()
  if (activeAlerts.length === 0) return
  const existing = await state
    .selectFrom('notification')
    .innerJoin('alert', 'alert.id', 'notification.alertId')
    .select(['notification.alertId', 'notification.userId', 'notification.channel', 'notification.target'])
    .where('notification.org', '=', org)
    .where('alert.clearedMs', 'is', null)
    .execute()
  const isKnown = new Set(existing.map((row) => `${row.alertId} ${channelKey(row)}`))
  const rows: NotificationRow[] = []
  for (const recipient of recipients.filter(({ target }) => target !== ALL_CLEAR))
    for (const alert of activeAlerts) {
      if (isKnown.has(`${alert.id} ${channelKey(recipient)}`)) continue
      const due = recipient.preference === null ? nowMs : dueMs(recipient.preference, alert, nowMs, timeZone)
      if (due === null) continue
      const { userId, channel, target } = recipient
      rows.push({
        id: randomUUID(),
        org,
        alertId: alert.id,
        userId,
        channel,
        target,
        causeKey: causeKeyOf({ ...alert, params: readAlertParams(alert.params) }),
        state: 'waiting',
        createdMs: nowMs,
        dueMs: due,
        nextMs: due,
        attempts: 0,
        sentAtMs: null,
        problem: null,
      })
    }
  await insert(state, rows)
}

/** Queues an all-clear for each alert that was sent to a webhook and was cleared less than a day ago. */
export async function queueAllClears(
  state: State,
  { org, recipients }: OrgRecipients,
  nowMs: AtMs,
): Promise<void> {
  if (!recipients.some(({ target }) => target === ALL_CLEAR)) return
  const delivery = await state
    .selectFrom('notification')
    .innerJoin('alert', 'alert.id', 'notification.alertId')
    .select(['notification.alertId', 'notification.causeKey'])
    .where('notification.org', '=', org)
    .where('notification.channel', '=', 'webhook')
    .where('notification.target', '=', '')
    .where('notification.state', '=', 'sent')
    .where('alert.clearedMs', '>', nowMs - GIVEN_UP_AFTER_MS)
    .where('notification.alertId', 'not in', (of) =>
      of.selectFrom('notification').select('alertId').where('org', '=', org).where('target', '=', ALL_CLEAR),
    )
    .execute()
  await insert(
    state,
    delivery.map(({ alertId, causeKey }) => ({
      id: randomUUID(),
      org,
      alertId,
      causeKey,
      userId: '',
      channel: 'webhook',
      target: ALL_CLEAR,
      state: 'waiting',
      createdMs: nowMs,
      dueMs: nowMs,
      nextMs: nowMs,
      attempts: 0,
      sentAtMs: null,
      problem: null,
    })),
  )
}

async function insert(state: State, rows: readonly NotificationRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += AT_ONCE)
    await state
      .insertInto('notification')
      .values(rows.slice(i, i + AT_ONCE))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** Withdraws pending notifications of cleared alerts. */
export async function withdrawEnded(state: State): Promise<void> {
  await state
    .updateTable('notification')
    .set({ state: 'withdrawn' })
    .where('state', '=', 'waiting')
    .where('target', '!=', ALL_CLEAR)
    .where('alertId', 'in', (of) => of.selectFrom('alert').select('id').where('clearedMs', 'is not', null))
    .execute()
}

/** Deletes old notifications, and those whose alert was deleted with a field or a device. */
export async function deleteOld(state: State, nowMs: AtMs): Promise<void> {
  await state
    .deleteFrom('notification')
    .where('alertId', 'not in', (of) => of.selectFrom('alert').select('id'))
    .execute()
  await state
    .deleteFrom('notification')
    .where('createdMs', '<', nowMs - KEPT_MS)
    .where('alertId', 'in', (of) => of.selectFrom('alert').select('id').where('clearedMs', 'is not', null))
    .execute()
}

/**
 * The due notifications, grouped by recipient. Those without a recipient, or already sent for the same cause, are
 * marked.
 */
export async function dueDeliveries(
  state: State,
  orgs: readonly OrgRecipients[],
  nowMs: AtMs,
): Promise<Delivery[]> {
  const due = await state
    .selectFrom('notification')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('nextMs', '<=', nowMs)
    .orderBy('dueMs')
    .orderBy('id')
    .limit(MOST_DUE)
    .execute()
  if (due.length === 0) return []
  const alerts = await namedAlerts(state, [...new Set(due.map(({ alertId }) => alertId))])
  const deliveries = new Map<string, Delivery>()
  for (const notice of due) {
    const of = orgs.find(({ org }) => org === notice.org)
    const recipient = of?.recipients.find((item) => channelKey(item) === channelKey(notice))
    const alert = alerts.get(notice.alertId)
    if (!of || !recipient || !alert || isUnwanted(recipient, alert, nowMs, of.timeZone)) {
      await mark(state, [notice], { state: 'withdrawn' })
      continue
    }
    // a program that received the all-clear also receives the next alert, however soon
    const isNews = notice.attempts > 0 || notice.channel === 'webhook'
    const sentAtMs = isNews ? null : await sentBefore(state, notice, nowMs)
    if (sentAtMs !== null) {
      await mark(state, [notice], { state: 'repeated', sentAtMs })
      continue
    }
    const key = `${notice.org} ${channelKey(notice)}`
    const delivery = deliveries.get(key) ?? {
      org: of.org,
      recipient,
      timeZone: of.timeZone,
      notices: [],
      alerts: [],
    }
    deliveries.set(key, delivery)
    delivery.notices.push(notice)
    delivery.alerts.push(alert)
  }
  return [...deliveries.values()]
}

/** Records an attempt: sent, to be retried after a longer pause, or given up. */
export async function recordAttempt(
  state: State,
  notices: readonly NotificationRow[],
  problem: DeliveryProblem | null,
  nowMs: AtMs,
): Promise<void> {
  if (problem === null) return mark(state, notices, { state: 'sent', sentAtMs: nowMs, problem: null })
  for (const notice of notices) {
    const attempts = notice.attempts + 1
    const isOver = nowMs - notice.dueMs >= GIVEN_UP_AFTER_MS
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS)
    await mark(state, [notice], {
      state: isOver ? 'failed' : 'waiting',
      attempts,
      problem,
      nextMs: nowMs + pauseMs,
    })
  }
}

const isUnwanted = ({ preference }: Recipient, alert: NamedAlert, nowMs: AtMs, timeZone: string): boolean =>
  preference !== null && dueMs(preference, alert, nowMs, timeZone) === null

/** When the same cause was sent over the same channel, if that is too recent to send it again; else null. */
async function sentBefore(state: State, notice: NotificationRow, nowMs: AtMs): Promise<AtMs | null> {
  const { org, causeKey, userId, channel, target } = notice
  const last = await state
    .selectFrom('notification')
    .innerJoin('alert', 'alert.id', 'notification.alertId')
    .select(['notification.sentAtMs', 'alert.clearedMs'])
    .where('notification.org', '=', org)
    .where('notification.causeKey', '=', causeKey)
    .where('notification.userId', '=', userId)
    .where('notification.channel', '=', channel)
    .where('notification.target', '=', target)
    .where('notification.sentAtMs', '>', nowMs - REPEATS_FOR_MS)
    .orderBy('notification.createdMs', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last?.sentAtMs == null) return null
  const clearedMs = last.clearedMs ?? nowMs
  return notice.createdMs - clearedMs < REPEAT_MS ? last.sentAtMs : null
}

async function mark(
  state: State,
  notices: readonly NotificationRow[],
  change: Partial<Pick<NotificationRow, 'state' | 'sentAtMs' | 'attempts' | 'problem' | 'nextMs'>>,
): Promise<void> {
  for (let i = 0; i < notices.length; i += AT_ONCE)
    await state
      .updateTable('notification')
      .set(change)
      .where(
        'id',
        'in',
        notices.slice(i, i + AT_ONCE).map(({ id }) => id),
      )
      .execute()
}

async function namedAlerts(state: State, ids: readonly string[]): Promise<Map<string, NamedAlert>> {
  const namedAlerts = new Map<string, NamedAlert>()
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const rows = await state
      .selectFrom('alert')
      .leftJoin('device', (join) =>
        join.onRef('device.id', '=', 'alert.deviceId').onRef('device.org', '=', 'alert.org'),
      )
      .leftJoin('field', (join) =>
        join.onRef('field.id', '=', 'alert.fieldId').onRef('field.org', '=', 'alert.org'),
      )
      .selectAll('alert')
      .select(['device.name as deviceName', 'field.name as fieldName'])
      .where('alert.id', 'in', ids.slice(i, i + AT_ONCE))
      .execute()
    for (const row of rows) namedAlerts.set(row.id, row)
  }
  return namedAlerts
}
