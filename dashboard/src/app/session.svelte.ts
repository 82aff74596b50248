/**
 * Who is signed in. A person is signed out only when the server says so: without a network the last person's screens
 * open.
 */
import type { Me, OpenSession } from '../../../services/api/schemas.ts'
import { clearCache } from '../api/kept.ts'
import { ask, type Failure } from '../api/request.ts'
import { link } from './link.svelte.ts'
import { Resource } from './resource.svelte.ts'

class Session {
  #answer = $state.raw(new Resource<OpenSession>('/api/session'))
  #isOut = $state(false)

  get me(): Me | null {
    return this.#isOut || link.isSignedOut ? null : (this.#answer.value?.me ?? null)
  }
  /** Not known yet: the first answer is awaited. */
  get isWaiting(): boolean {
    return !this.#isOut && !link.isSignedOut && this.#answer.isWaiting
  }
  get failure(): Failure | null {
    return this.#answer.failure
  }

  open(): Promise<void> {
    return this.#answer.open()
  }

  /** Null when it went well. */
  async signIn(email: string, password: string, rememberMe: boolean): Promise<Failure | null> {
    return this.#enter('/api/auth/sign-in/email', { email, password, rememberMe })
  }

  async setUp(form: Record<string, string>): Promise<Failure | null> {
    return this.#enter('/api/setup', form)
  }

  /** Another of the person's organisations. */
  async enterOrganisation(orgId: string, path = '/'): Promise<Failure | null> {
    const answer = await ask('/api/auth/organization/set-active', { method: 'POST', body: { orgId } })
    if (!answer.ok) return answer.error
    await this.startAgain(path)
    return null
  }

  /** Everything in memory and kept is of the organisation before. */
  async startAgain(path: string): Promise<void> {
    await clearCache()
    location.assign(path)
  }

  async #enter(path: string, body: unknown): Promise<Failure | null> {
    const answer = await ask(path, { method: 'POST', body })
    if (!answer.ok) return answer.error
    await clearCache()
    // somebody's session ran out on this page: everything in memory is theirs
    if (this.#answer.value?.me) {
      location.reload()
      return null
    }
    link.isSignedOut = false
    this.#answer = new Resource<OpenSession>('/api/session')
    await this.#answer.open()
    this.#isOut = this.me === null
    return this.#answer.failure
  }

  async signOut(): Promise<Failure | null> {
    const answer = await ask('/api/auth/sign-out', { method: 'POST', body: {} })
    if (!answer.ok && answer.error.kind !== 'signed-out') return answer.error
    await this.startAgain('/')
    return null
  }
}

export const session = new Session()
