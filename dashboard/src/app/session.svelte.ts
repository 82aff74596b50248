/**
 * The session. A person is signed out only when the server reports it: offline, the screens of the last person open.
 */
import type { Me, OpenSession } from '../../../services/api/schemas.ts'
import { clearCache, Resource } from '../api/cache.svelte.ts'
import { request, type Failure, connection } from '../api/request.svelte.ts'

class Session {
  #response = $state.raw(new Resource<OpenSession>('/api/session'))
  #isOut = $state(false)

  get me(): Me | null {
    return this.#isOut || connection.isSignedOut ? null : (this.#response.value?.me ?? null)
  }
  /** For people who cannot sign in; null: none is set. */
  get supportPhone(): string | null {
    return this.#response.value?.supportPhone ?? null
  }
  /** The first response is pending. */
  get isWaiting(): boolean {
    return !this.#isOut && !connection.isSignedOut && this.#response.isWaiting
  }
  get failure(): Failure | null {
    return this.#response.failure
  }

  open(): Promise<void> {
    return this.#response.open()
  }

  /** Null on success. */
  async signIn(email: string, password: string, rememberMe: boolean): Promise<Failure | null> {
    return this.#enter('/api/auth/sign-in/email', { email, password, rememberMe })
  }

  async setUp(form: Record<string, string>): Promise<Failure | null> {
    return this.#enter('/api/setup', form)
  }

  /** Another of the person's organisations. */
  async enterOrganisation(orgId: string, path = '/'): Promise<Failure | null> {
    const response = await request('/api/auth/organization/set-active', { method: 'POST', body: { orgId } })
    if (!response.ok) return response.error
    await this.startAgain(path)
    return null
  }

  /** Everything in memory and in the cache belongs to the previous organisation. */
  async startAgain(path: string): Promise<void> {
    await clearCache()
    location.assign(path)
  }

  async #enter(path: string, body: unknown): Promise<Failure | null> {
    const response = await request(path, { method: 'POST', body })
    if (!response.ok) return response.error
    await clearCache()
    // the session ended on this page: everything in memory belongs to that person
    if (this.#response.value?.me) {
      location.reload()
      return null
    }
    connection.isSignedOut = false
    this.#response = new Resource<OpenSession>('/api/session')
    await this.#response.open()
    this.#isOut = this.me === null
    return this.#response.failure
  }

  async signOut(): Promise<Failure | null> {
    const response = await request('/api/auth/sign-out', { method: 'POST', body: {} })
    if (!response.ok && response.error.kind !== 'signed-out') return response.error
    await this.startAgain('/')
    return null
  }
}

export const session = new Session()
