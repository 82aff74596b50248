/**
 * The link of a notice names its organisation: whoever belongs to several enters that one before anything of it is shown.
 */
import type { Me } from '../../../services/api/schemas.ts'
import { type Failure, connection } from '../api/request.svelte.ts'
import { isFinalRefusal } from '../api/queue-item.ts'
import { route } from './route.svelte.ts'
import { session } from './session.svelte.ts'

class LinkedOrganisation {
  #isThere = $state(route.query.get('org') === null)
  #failure = $state.raw<Failure | null>(null)

  /** The page is where its address leads, or where it stays. */
  get isThere(): boolean {
    return this.#isThere
  }
  /** Nobody could be asked: it is not known whether the organisation can be entered. */
  get failure(): Failure | null {
    return this.#failure
  }

  /** One that the person may not enter is left out, and the page stays in the one that it is in. */
  async enter({ org }: Me): Promise<void> {
    this.#failure = null
    const named = route.query.get('org')
    const to = route.path + location.hash
    if (named !== null && named !== org.id) {
      const failure = await session.enterOrganisation(named, to)
      if (failure === null) return // the page begins again
      if (!isFinalRefusal(failure)) {
        connection.failed(failure)
        this.#failure = failure
        return
      }
    }
    route.go(to, { replace: true })
    this.#isThere = true
  }
}

export const linkedOrganisation = new LinkedOrganisation()
