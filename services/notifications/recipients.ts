/** Whom an organisation tells, and over what: its members' mail and browsers as they wish, and its webhook. */
import type { Kysely } from 'kysely'
import { zonesOf } from '../domain/org-time-zone.ts'
import type { State } from '../ports.ts'
import {
  fromJson,
  usualWish,
  type NoticeChannel,
  type NoticeLanguage,
  type NoticeWishRow,
  type PushDeviceRow,
  type WebhookRow,
} from '../tables.ts'
import type { Wish } from './when-due.ts'

/** Target of a webhook that hears that what it was told is over. */
export const OVER = 'over'

/** One way to one person, or to the organisation's webhook. */
export type Recipient = {
  userId: string // '': the webhook's
  target: string
  language: NoticeLanguage
  wish: Wish | null // null: everything at once
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

/** The way itself, whatever it is told. */
export const wayOf = (of: { userId: string; channel: NoticeChannel; target: string }): string =>
  `${of.channel} ${of.userId} ${of.target}`

/** The columns of better-auth's tables that are read here. */
interface PeopleTables {
  user: { id: string; email: string }
  organization: { id: string; slug: string }
  member: { organizationId: string; userId: string }
}

/** Of every organisation that somebody wants to hear of; who is a member no longer is told nothing. */
export async function readRecipients(state: State, hasMail: boolean): Promise<OrgRecipients[]> {
  const wishes = await state.selectFrom('noticeWish').selectAll().execute()
  const devices = await state.selectFrom('pushDevice').selectAll().orderBy('id').execute()
  const hooks = await state.selectFrom('webhook').selectAll().execute()
  const orgs = new Set([...wishes, ...devices, ...hooks].map(({ org }) => org))
  if (orgs.size === 0) return []
  const members = await membersOf(state, [...orgs])
  const zones = await zonesOf(state, [...orgs])
  return [...orgs].sort().map((org) => {
    const people = members.filter((member) => member.org === org)
    const isOwn = (row: { org: string }) => row.org === org
    return {
      org,
      timeZone: zones.get(org) ?? 'UTC',
      recipients: [
        ...devices.filter(isOwn).flatMap((device): Recipient[] => {
          if (!people.some(({ id }) => id === device.userId)) return []
          const row = wishes.find((wish) => isOwn(wish) && wish.userId === device.userId)
          return [{ channel: 'push', userId: device.userId, target: device.id, device, ...wishOf(row) }]
        }),
        ...wishes.filter(isOwn).flatMap((row): Recipient[] => {
          const address = people.find(({ id }) => id === row.userId)?.email
          if (!hasMail || row.byMail !== 1 || address === undefined) return []
          return [{ channel: 'mail', userId: row.userId, target: '', address, ...wishOf(row) }]
        }),
        ...hooks.filter(isOwn).flatMap((hook) =>
          ['', OVER].map((target): Recipient => ({
            channel: 'webhook',
            userId: '',
            target,
            hook,
            language: hook.language,
            wish: null,
          })),
        ),
      ],
    }
  })
}

/** What a person has chosen, or what is usual. */
function wishOf(row: NoticeWishRow | undefined): { language: NoticeLanguage; wish: Wish } {
  const { quiet, digestMin, urgentPasses, modes } = row
    ? { ...row, modes: fromJson(row.modes), quiet: row.quiet === null ? null : fromJson(row.quiet) }
    : usualWish
  return {
    language: row?.language ?? 'en',
    wish: { modes, quiet, digestMin, urgentPasses: urgentPasses === 1 },
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
