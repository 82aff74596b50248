/**
 * Advice from a co-operative to its members: spraying hours, a storm warning, or a free text. Each member's
 * Today shows it until it ends, and people receive it by the channels and in the language of their
 * notification preferences.
 */
import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { AtMs } from '../../../broker/contract/time.ts'
import { pestOf, pests } from '../../agronomy/pests/catalogue.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrgs } from '../../runtime/transactions.ts'
import { readPersonPreferences, toJson, type AlertRow, type MembershipRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { announce } from '../http/audited-write.ts'
import { auditOnBothSides } from './memberships.ts'
import type { Advice, AdviceRecipients } from './co-op-schemas.ts'

const MAX_SPAN_MS = 14 * 86_400_000

/**
 * The members of the co-operative with the people who would be notified; and the pests that have a name in
 * every language.
 */
export async function readRecipients(
  { state, auth, clock }: Pick<Context, 'state' | 'auth' | 'clock'>,
  coop: string,
): Promise<AdviceRecipients> {
  const members = await activeMembers(state, coop, clock.now())
  const orgs = members.map(({ org }) => org)
  const existing = await auth.organisations(orgs)
  const people = await readPeople(state, orgs)
  return {
    members: members.map(({ id, org, memberCode }) => {
      const orgPeople = people.filter((person) => person.org === org)
      const languages = orgPeople.map(({ language }) => language)
      return {
        membershipId: id,
        name: existing.get(org)?.name ?? org,
        memberCode,
        people: orgPeople.length,
        byNotification: orgPeople.filter(({ hasNotifications }) => hasNotifications).length,
        languages: [...new Set(languages.filter((language) => language !== null))].sort(),
        ownLanguage: languages.filter((language) => language === null).length,
      }
    }),
    pests: Object.keys(pests),
  }
}

/**
 * Notifies the given members once: a repeat with the same `idem` notifies nobody again. Returns the number of
 * members notified by this call. BAD_REQUEST for an invalid span, NOT_FOUND for an unknown member.
 */
export async function sendAdvice(context: Context, caller: Caller, advice: Advice): Promise<number> {
  const { state, clock } = context
  const nowMs = clock.now()
  const { idem, kind, fromMs, toMs, membershipIds, pest = null, text = null } = advice
  if (!(fromMs < toMs) || toMs <= nowMs || toMs - fromMs > MAX_SPAN_MS)
    fail(
      'BAD_REQUEST',
      `fromMs and toMs: must be a span of at most two weeks that has not ended, got ${fromMs} to ${toMs}`,
    )
  if (pest !== null && !pestOf(pest))
    fail('BAD_REQUEST', `pest: must be a pest that Tilth knows, got ${pest.slice(0, 40)}`)
  if (kind === 'message' && text === null)
    fail('BAD_REQUEST', 'text: must not be empty for advice of kind word, got nothing')
  const active = new Map((await activeMembers(state, caller.org, nowMs)).map((member) => [member.id, member]))
  const selected = [...new Set(membershipIds)].map(
    (id) =>
      active.get(id) ??
      fail('NOT_FOUND', `membershipIds: there is no active member ${id.slice(0, 64)} in this co-operative`),
  )
  const name = (await context.auth.organisations([caller.org])).get(caller.org)?.name ?? caller.org
  const params = { coop: name, fromMs, toMs, text: text ?? '', ...(pest === null ? {} : { pest }) }
  // spraying hours against the named pest, or as described by the text
  const cause = `coop-${kind === 'spray-window' && pest === null ? 'spray-hours' : kind}`
  const notified = await inOrgs(state, [caller.org, ...selected.map(({ org }) => org)], async (rows) => {
    const now: { org: string; id: string }[] = []
    for (const member of selected) {
      const alert = adviceAlert(member, idem, cause, params, nowMs)
      const { numInsertedOrUpdatedRows } = await rows
        .insertInto('alert')
        .values(alert)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirstOrThrow()
      if (Number(numInsertedOrUpdatedRows) === 0) continue
      now.push(alert)
      await auditOnBothSides(rows, caller, member, 'member.advise', { kind, ...params }, nowMs)
    }
    return now
  })
  for (const { org, id } of notified) await announce(context, org, { event: 'alert', id, fields: [] })
  return notified.length
}

function adviceAlert(
  { id, org }: MembershipRow,
  idem: string,
  cause: string,
  params: Record<string, string | number>,
  sinceMs: AtMs,
): AlertRow {
  const adviceId = createHash('sha256').update(`${idem} ${id}`).digest('hex').slice(0, 32)
  return {
    id: adviceId,
    org,
    cause,
    severity: 'soon',
    fieldId: null,
    deviceId: null,
    params: toJson(params),
    sinceMs,
    clearedMs: null,
  }
}

const activeMembers = (state: State, coop: string, atMs: AtMs): Promise<MembershipRow[]> =>
  state
    .selectFrom('membership')
    .selectAll()
    .where('coop', '=', coop)
    .where('joinedMs', '<=', atMs)
    .where((eb) => eb.or([eb('endedMs', 'is', null), eb('endedMs', '>', atMs)]))
    .orderBy('memberCode')
    .orderBy('alias')
    .execute()

interface PeopleTables {
  organization: { id: string; slug: string }
  member: { organizationId: string; userId: string }
}

interface Recipient {
  org: string
  language: string | null // null: the language of their phone
  hasNotifications: boolean
}

/**
 * The people of these organisations, with their chosen language and whether notifications reach them outside
 * the app.
 */
async function readPeople(state: State, orgs: string[]): Promise<Recipient[]> {
  if (orgs.length === 0) return []
  const db = state.withoutPlugins() as unknown as Kysely<PeopleTables>
  const members = await db
    .selectFrom('member')
    .innerJoin('organization', 'organization.id', 'member.organizationId')
    .select(['member.userId', 'organization.slug as org'])
    .where('organization.slug', 'in', orgs)
    .execute()
  const preferences = await state
    .selectFrom('notificationPreference')
    .selectAll()
    .where('org', 'in', orgs)
    .execute()
  const browsers = await state
    .selectFrom('pushDevice')
    .select(['org', 'userId'])
    .where('org', 'in', orgs)
    .execute()
  const people = await state.selectFrom('person').selectAll().where('org', 'in', orgs).execute()
  return members.map(({ org, userId }) => {
    const isTheirs = (row: { org: string; userId: string }) => row.org === org && row.userId === userId
    const preference = preferences.find(isTheirs)
    const person = people.find(isTheirs)
    return {
      org,
      language: preference?.language ?? (person ? readPersonPreferences(person.preferences).language : null),
      hasNotifications: preference?.byMail === 1 || browsers.some(isTheirs),
    }
  })
}
