/** The link of a notification names its organisation: a person who belongs to several enters that one first. */
import type { Me } from '../../../services/api/schemas.ts'
import { type Failure, connection } from '../api/request.svelte.ts'
import { isFinalRefusal } from '../api/queue-item.ts'
import { route } from './route.svelte.ts'
import { session } from './session.svelte.ts'

class LinkedOrganisation {
  #isEntered = $state(route.query.get('org') === null)
  #failure = $state.raw<Failure | null>(null)

  /** The page is in the organisation that its address names, or stays in the current one. */
  get isEntered(): boolean {
    return this.#isEntered
  }
  /** The request failed: whether the organisation can be entered is unknown. */
  get failure(): Failure | null {
    return this.#failure
  }

  /** An organisation that the person may not enter is ignored. */
  async enter({ org }: Me): Promise<void> {
    this.#failure = null
    const orgId = route.query.get('org')
    const to = route.path + location.hash
    if (orgId !== null && orgId !== org.id) {
      const failure = await session.enterOrganisation(orgId, to)
      if (failure === null) return // the page reloads
      if (!isFinalRefusal(failure)) {
        connection.failed(failure)
        this.#failure = failure
        return
      }
    }
    route.go(to, { replace: true })
    this.#isEntered = true
  }
}

export const linkedOrganisation = new LinkedOrganisation()
