/**
 * The first run: while there is no user, a one-time link lets whoever reads the server's log make the first
 * administrator. The token has 256 bits, is kept as a hash, and is worth nothing once a user exists.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { toJson } from '../../tables.ts'
import type { State } from '../../ports.ts'
import type { Auth, NewUser } from './auth.ts'

declare module '../http/context.ts' {
  interface Context {
    setupLink: SetupLink
  }
}

const SETTING = 'setup-token'

export interface SetupLink {
  /** The link, or null once somebody has been set up. */
  current(): string | null
  /** Makes the first administrator; the reason when the token is not the one, or somebody exists already. */
  use(token: string, user: Omit<NewUser, 'role'>): Promise<Result<string>>
  /** A user made by other means ends the link too. */
  end(): Promise<void>
}

/** A new token at every start: the link of an earlier start is void. */
export async function createSetupLink(deps: {
  state: State
  auth: Auth
  baseUrl: () => string
}): Promise<SetupLink> {
  const { state, auth } = deps
  let token: string | null = null
  if ((await auth.countUsers()) === 0) {
    token = randomBytes(32).toString('base64url')
    const value = toJson({ sha256: sha256(token).toString('hex') })
    await state
      .insertInto('setting')
      .values({ key: SETTING, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute()
  }
  let busy: Promise<unknown> = Promise.resolve()

  async function end(): Promise<void> {
    token = null
    await state.deleteFrom('setting').where('key', '=', SETTING).execute()
  }

  async function useOnce(given: string, user: Omit<NewUser, 'role'>): Promise<Result<string>> {
    if (token === null || (await auth.countUsers()) > 0) return err('the link has been used already')
    const row = await state
      .selectFrom('setting')
      .select('value')
      .where('key', '=', SETTING)
      .executeTakeFirst()
    const kept = row ? (JSON.parse(row.value) as { sha256: string }).sha256 : ''
    if (!isSame(kept, sha256(given).toString('hex'))) return err('the link is not the one the server printed')
    const userId = await auth.createUser({ ...user, role: 'admin' })
    await end()
    return ok(userId)
  }

  return {
    current: () => (token === null ? null : `${deps.baseUrl()}/setup?token=${token}`),
    use(given, user) {
      // one after the other: two tries at once must not make two administrators
      const answer = busy.then(() => useOnce(given, user))
      busy = answer.catch(() => {})
      return answer
    },
    end,
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
