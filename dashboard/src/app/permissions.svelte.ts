/** The permissions of the signed-in person. The server checks again; this only explains why a button is disabled. */
import type { Me } from '../../../services/api/schemas.ts'

class Permissions {
  #me = $state.raw<Me | null>(null)

  set(me: Me): void {
    this.#me = me
  }
  get me(): Me | null {
    return this.#me
  }
  /** Sets up fields, valves and pumps: an agronomist or an admin. */
  get canConfigure(): boolean {
    return this.#me?.role === 'agronomist' || this.#me?.role === 'admin'
  }
  get can(): Me['can'] {
    return this.#me?.can ?? { openValve: false, stop: false, approve: false, admin: false }
  }
}

export const permissions = new Permissions()
