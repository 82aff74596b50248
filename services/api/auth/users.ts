/** People and organisations in better-auth's tables: queries and inserts that need no session. */
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { fail } from '../../errors.ts'
import type { Clock, State } from '../../ports.ts'
import { isRole, type Role } from '../http/permissions.ts'

// SQLite limits the parameters of a statement
const MAX_IDS_PER_QUERY = 500

export interface People {
  countUsers(): Promise<number>
  /** The account with this address and all organisations of its person; null when there is none. */
  findAccount(email: string): Promise<{ userId: string; orgs: string[] } | null>
  members(org: string): Promise<Member[]>
  /** Organisations by their names in topics; unknown ones are missing from the result. */
  organisations(orgs: readonly string[]): Promise<Map<string, Organisation>>
  /** The organisations of a person, oldest membership first. */
  organisationsOf(userId: string): Promise<{ id: string; name: string; role: Role }[]>
  /**
   * Creates an organisation without members, within the given transaction; CONFLICT when the name is taken.
   */
  createOrganisation(rows: State, org: string, name: string): Promise<void>
  /** Deletes an organisation without members; returns its names, none when it does not exist. */
  deleteOrganisation(rows: State, org: string): Promise<string[]>
  /** Adds a person with an account to an organisation; CONFLICT when they are already a member. */
  addPerson(rows: State, org: string, userId: string, role: Role): Promise<void>
  /** Sets the password hash within the given transaction and ends all sessions of the person. */
  setPassword(rows: State, userId: string, hash: string): Promise<void>
}

export interface Organisation {
  name: string
  people: number // members with an account
}

export interface Member {
  id: string
  name: string
  email: string
  role: Role
}

/** The columns of better-auth's tables that this module reads. */
export interface AuthTables {
  user: { id: string; name: string; email: string }
  organization: { id: string; name: string; slug: string; createdAt: string }
  member: { id: string; organizationId: string; userId: string; role: string; createdAt: string }
  account: { userId: string; providerId: string; password: string; updatedAt: string }
  session: { userId: string }
}

/** `db`: without plugins, since better-auth's columns have names of their own. */
export function createPeople(db: Kysely<AuthTables>, clock: Clock) {
  const membershipsOf = (userId: string) => readMemberships(db, userId)

  return {
    membershipsOf,
    async countUsers() {
      const { count } = await db
        .selectFrom('user')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async findAccount(email: string) {
      const user = await db
        .selectFrom('user')
        .select('id')
        .where('email', '=', email.toLowerCase())
        .executeTakeFirst()
      if (!user) return null
      return { userId: user.id, orgs: (await membershipsOf(user.id)).map(({ slug }) => slug) }
    },

    async members(org: string): Promise<Member[]> {
      const rows = await selectMembers(db, org).execute()
      return rows.map(({ id, name, email, role }) => ({
        id,
        name,
        email,
        role: isRole(role) ? role : 'viewer',
      }))
    },

    async organisations(orgs: readonly string[]) {
      const existing = new Map<string, Organisation>()
      for (let from = 0; from < orgs.length; from += MAX_IDS_PER_QUERY) {
        const rows = await db
          .selectFrom('organization')
          .leftJoin('member', 'member.organizationId', 'organization.id')
          .select(['organization.slug', 'organization.name'])
          .select(({ fn }) => fn.count<number>('member.id').as('people'))
          .where('organization.slug', 'in', orgs.slice(from, from + MAX_IDS_PER_QUERY))
          .groupBy(['organization.slug', 'organization.name'])
          .execute()
        for (const { slug, name, people } of rows) existing.set(slug, { name, people: Number(people) })
      }
      return existing
    },

    async organisationsOf(userId: string) {
      const rows = await membershipsOf(userId)
      return rows.flatMap(({ slug, name, role }) => (isRole(role) ? [{ id: slug, name, role }] : []))
    },

    async createOrganisation(rows: State, org: string, name: string) {
      const tables = authTables(rows)
      if (await tables.selectFrom('organization').select('id').where('slug', '=', org).executeTakeFirst())
        fail('CONFLICT', `the organisation ${org} already exists`)
      const createdAt = new Date(clock.now()).toISOString()
      await tables
        .insertInto('organization')
        .values({ id: randomUUID(), name, slug: org, createdAt })
        .execute()
    },

    async deleteOrganisation(rows: State, org: string) {
      const tables = authTables(rows)
      const group = await tables
        .selectFrom('organization')
        .select(['id', 'name'])
        .where('slug', '=', org)
        .executeTakeFirst()
      if (!group) return []
      await tables.deleteFrom('organization').where('id', '=', group.id).execute()
      return [group.id, group.name]
    },

    async addPerson(rows: State, org: string, userId: string, role: Role) {
      const tables = authTables(rows)
      const group = await tables
        .selectFrom('organization')
        .select('id')
        .where('slug', '=', org)
        .executeTakeFirst()
      if (!group) fail('NOT_FOUND', `there is no organisation ${org}`)
      const isIn = await tables
        .selectFrom('member')
        .select('id')
        .where('organizationId', '=', group.id)
        .where('userId', '=', userId)
        .executeTakeFirst()
      if (isIn) fail('CONFLICT', 'you are already a member of this organisation')
      const createdAt = new Date(clock.now()).toISOString()
      await tables
        .insertInto('member')
        .values({ id: randomUUID(), organizationId: group.id, userId, role, createdAt })
        .execute()
    },

    async setPassword(rows: State, userId: string, hash: string) {
      const tables = authTables(rows)
      const { numUpdatedRows } = await tables
        .updateTable('account')
        .set({ password: hash, updatedAt: new Date(clock.now()).toISOString() })
        .where('userId', '=', userId)
        .where('providerId', '=', 'credential')
        .executeTakeFirst()
      if (Number(numUpdatedRows) !== 1) fail('NOT_FOUND', `${userId} has no account with a password`)
      await tables.deleteFrom('session').where('userId', '=', userId).execute()
    },
  } satisfies People & { membershipsOf: unknown }
}

/** better-auth's tables in the same store, and in the same transaction when `rows` is a transaction. */
export const authTables = (rows: State): Kysely<AuthTables> =>
  rows.withoutPlugins() as unknown as Kysely<AuthTables>

/** The memberships of a person with their roles, oldest first. */
export const readMemberships = (db: Kysely<AuthTables>, userId: string) =>
  db
    .selectFrom('member')
    .innerJoin('organization', 'organization.id', 'member.organizationId')
    .select(['organization.id', 'organization.slug', 'organization.name', 'member.role'])
    .select('member.id as memberId')
    .where('member.userId', '=', userId)
    .orderBy('member.createdAt')
    .execute()

/** The members of an organisation. */
export const selectMembers = (db: Kysely<AuthTables>, org: string) =>
  db
    .selectFrom('member')
    .innerJoin('organization', 'organization.id', 'member.organizationId')
    .innerJoin('user', 'user.id', 'member.userId')
    .select(['user.id', 'user.name', 'user.email', 'member.role', 'member.id as memberId'])
    .where('organization.slug', '=', org)
    .orderBy('user.email')
