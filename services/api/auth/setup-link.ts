/**
 * First setup: while there is no user, a one-time link lets the person who sees the server's terminal create
 * the first administrator. The token has 256 bits, is stored as a hash, and is void once a user exists.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import Type from 'typebox'
import { jsonParser } from '../../../broker/contract/json.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { toJson } from '../../tables.ts'
import type { State } from '../../ports.ts'
import type { Auth, NewUser } from './auth.ts'

declare module '../http/context.ts' {
  interface Context {
    setupLink: SetupLink
  }
}

const SETTING = 'setup-token'
const parseStored = jsonParser(Type.Object({ sha256: Type.String() }))

export interface SetupLink {
  /** The link, or null once a user exists. */
  current(): string | null
  /** Creates the first administrator. Returns the reason when the token is wrong or a user already exists. */
  use(token: string, user: Omit<NewUser, 'role'>): Promise<Result<string>>
  /** A user created by other means voids the link too. */
  end(): Promise<void>
}

/** A new token at every start: the link of an earlier start is void. Not `isOffered`: another node makes it, and it may be used here. */
export async function createSetupLink(deps: {
  state: State
  auth: Auth
  isOffered: boolean
  baseUrl: () => string
}): Promise<SetupLink> {
  const { state, auth } = deps
  let token: string | null = null
  if (deps.isOffered && (await auth.countUsers()) === 0) {
    token = randomBytes(32).toString('base64url')
    const value = toJson({ sha256: sha256(token).toString('hex') })
    await state
      .insertInto('setting')
      .values({ key: SETTING, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute()
  }
  const attempts = serialQueue()

  async function end(): Promise<void> {
    token = null
    await state.deleteFrom('setting').where('key', '=', SETTING).execute()
  }

  async function useOnce(rest: string, user: Omit<NewUser, 'role'>): Promise<Result<string>> {
    if ((await auth.countUsers()) > 0) return err('the setup link has already been used; sign in instead')
    const row = await state
      .selectFrom('setting')
      .select('value')
      .where('key', '=', SETTING)
      .executeTakeFirst()
    const stored = row ? parseStored(row.value) : null
    if (!stored?.ok || !isSame(stored.value.sha256, sha256(rest).toString('hex')))
      return err('this is not the setup link that the server printed at its last start')
    // who deletes it may use it: two nodes must not make two administrators
    const { numDeletedRows } = await state
      .deleteFrom('setting')
      .where('key', '=', SETTING)
      .where('value', '=', row!.value)
      .executeTakeFirst()
    if (numDeletedRows === 0n) return err('the setup link has already been used; sign in instead')
    try {
      const userId = await auth.createUser({ ...user, role: 'admin' })
      token = null
      return ok(userId)
    } catch (error) {
      await state.insertInto('setting').values({ key: SETTING, value: row!.value }).execute()
      throw error
    }
  }

  return {
    current: () => (token === null ? null : `${deps.baseUrl()}/setup?token=${token}`),
    // one at a time: two simultaneous attempts must not create two administrators
    use: (rest, user) => attempts.enqueue(() => useOnce(rest, user)),
    end,
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
