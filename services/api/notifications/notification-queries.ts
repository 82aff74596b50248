/** Reads a person's notification preferences, and the status of each channel. */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import {
  readNotificationModes,
  readQuietHours,
  defaultNotificationPreference,
  type NotificationChannel,
} from '../../tables.ts'
import type { NotificationSettings, ChannelStatus } from './notification-schemas.ts'

const FAILURES_SHOWN_MS = 7 * DAY_MS

/** The preferences of a person, or the defaults. */
export async function readPreference(
  state: State,
  { org, userId }: { org: string; userId: string },
): Promise<NotificationSettings['preference']> {
  const row = await state
    .selectFrom('notificationPreference')
    .selectAll()
    .where('org', '=', org)
    .where('userId', '=', userId)
    .executeTakeFirst()
  const { modes, quietHours, byMail, urgentPasses, digestMin } = row
    ? {
        ...row,
        modes: readNotificationModes(row.modes),
        quietHours: row.quietHours === null ? null : readQuietHours(row.quietHours),
      }
    : defaultNotificationPreference
  return {
    modes,
    quietHours,
    digestMin,
    language: row?.language ?? 'en',
    byMail: byMail === 1,
    urgentPasses: urgentPasses === 1,
  }
}

/** `target`: a push device; '' otherwise. */
export async function readChannelStatus(
  state: State,
  {
    org,
    userId,
    channel,
    target,
  }: { org: string; userId: string; channel: NotificationChannel; target: string },
  nowMs: AtMs,
): Promise<ChannelStatus> {
  const rows = () =>
    state
      .selectFrom('notification')
      .where('org', '=', org)
      .where('userId', '=', userId)
      .where('channel', '=', channel)
      .where('target', '=', target)
  const lastSent = await rows()
    .select(({ fn }) => fn.max('sentAtMs').as('sentAtMs'))
    .where('state', '=', 'sent')
    .executeTakeFirst()
  const sentAtMs = lastSent?.sentAtMs == null ? null : Number(lastSent.sentAtMs)
  const failed = await rows()
    .select(['dueMs', 'problem', 'state', 'nextMs'])
    .where('problem', 'is not', null)
    .where('state', 'in', ['waiting', 'failed'])
    .where('nextMs', '>', Math.max(sentAtMs ?? 0, nowMs - FAILURES_SHOWN_MS))
    .orderBy('nextMs', 'desc')
    .execute()
  const [last] = failed
  return {
    sentAtMs,
    failing: last
      ? {
          sinceMs: Math.min(...failed.map(({ dueMs }) => dueMs)),
          problem: last.problem!,
          dropped: failed.filter((row) => row.state === 'failed').length,
        }
      : null,
  }
}

/** Erases the notifications and preferences of a person who leaves an organisation. */
export async function eraseNotifications(state: State, org: string, userId: string): Promise<void> {
  for (const table of ['notification', 'pushDevice', 'notificationPreference'] as const)
    await state.deleteFrom(table).where('org', '=', org).where('userId', '=', userId).execute()
}
