/**
 * The recipients of an organisation: mail and browsers of its members according to their preferences, and its
 * webhook.
 */
import type { Kysely } from 'kysely'
import { orgTimeZones } from '../domain/org-time-zone.ts'
import type { State } from '../ports.ts'
import {
  readNotificationModes,
  readQuietHours,
  defaultNotificationPreference,
  type NotificationChannel,
  type NotificationLanguage,
  type NotificationPreferenceRow,
  type PushDeviceRow,
  type WebhookRow,
} from '../tables.ts'
import type { Preference } from './when-due.ts'

/** Target of the all-clear of a webhook. */
export const ALL_CLEAR = 'over'

/** One channel to one person, or to the webhook of the organisation. */
export type Recipient = {
  userId: string // '': the webhook
  target: string
  language: NotificationLanguage
  preference: Preference | null // null: everything at once
} & (
  | { channel: 'mail'; address: string }
  | { channel: 'push'; device: PushDeviceRow }
  | { channel: 'webhook'; hook: WebhookRow }
)

export interface OrgRecipients {
  org: string
  timeZone: string
  recipients: Recipient[]
}

/** Identifies the channel. */
export const channelKey = (of: { userId: string; channel: NotificationChannel; target: string }): string =>
  `${of.channel} ${of.userId} ${of.target}`

/** The columns of better-auth's tables that are read here. */
interface PeopleTables {
  user: { id: string; email: string }
  organization: { id: string; slug: string }
  member: { organizationId: string; userId: string }
}

/** For every organisation with recipients; former members receive nothing. */
export async function readRecipients(state: State, hasMail: boolean): Promise<OrgRecipients[]> {
  const preferences = await state.selectFrom('notificationPreference').selectAll().execute()
  const devices = await state.selectFrom('pushDevice').selectAll().orderBy('id').execute()
  const hooks = await state.selectFrom('webhook').selectAll().execute()
  const orgs = new Set([...preferences, ...devices, ...hooks].map(({ org }) => org))
  if (orgs.size === 0) return []
  const members = await membersOf(state, [...orgs])
  const zones = await orgTimeZones(state, [...orgs])
  return [...orgs].sort().map((org) => {
    const people = members.filter((member) => member.org === org)
    const isOwn = (row: { org: string }) => row.org === org
    return {
      org,
      timeZone: zones.get(org) ?? 'UTC',
      recipients: [
        ...devices.filter(isOwn).flatMap((device): Recipient[] => {
          if (!people.some(({ id }) => id === device.userId)) return []
          const row = preferences.find(
            (preference) => isOwn(preference) && preference.userId === device.userId,
          )
          return [{ channel: 'push', userId: device.userId, target: device.id, device, ...preferenceOf(row) }]
        }),
        ...preferences.filter(isOwn).flatMap((row): Recipient[] => {
          const address = people.find(({ id }) => id === row.userId)?.email
          if (!hasMail || row.byMail !== 1 || address === undefined) return []
          return [{ channel: 'mail', userId: row.userId, target: '', address, ...preferenceOf(row) }]
        }),
        ...hooks.filter(isOwn).flatMap((hook) =>
          ['', ALL_CLEAR].map((target): Recipient => ({
            channel: 'webhook',
            userId: '',
            target,
            hook,
            language: hook.language,
            preference: null,
          })),
        ),
      ],
    }
  })
}

/** The preferences of a person, or the defaults. */
function preferenceOf(row: NotificationPreferenceRow | undefined): {
  language: NotificationLanguage
  preference: Preference
} {
  const { quietHours, digestMin, urgentPasses, modes } = row
    ? {
        ...row,
        modes: readNotificationModes(row.modes),
        quietHours: row.quietHours === null ? null : readQuietHours(row.quietHours),
      }
    : defaultNotificationPreference
  return {
    language: row?.language ?? 'en',
    preference: { modes, quietHours, digestMin, urgentPasses: urgentPasses === 1 },
  }
}

async function membersOf(
  state: State,
  orgs: string[],
): Promise<{ id: string; email: string; org: string }[]> {
  const db = state.withoutPlugins() as unknown as Kysely<PeopleTables>
  return db
    .selectFrom('member')
    .innerJoin('organization', 'organization.id', 'member.organizationId')
    .innerJoin('user', 'user.id', 'member.userId')
    .select(['user.id', 'user.email', 'organization.slug as org'])
    .where('organization.slug', 'in', orgs)
    .execute()
}
