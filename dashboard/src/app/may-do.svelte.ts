/** What the signed-in person may do. The server decides again; this only explains why a button is off. */
import type { Me } from '../../../services/api/schemas.ts'

class MayDo {
  #me = $state.raw<Me | null>(null)

  set(me: Me): void {
    this.#me = me
  }
  get me(): Me | null {
    return this.#me
  }
  get can(): Me['can'] {
    return this.#me?.can ?? { openValve: false, stop: false, approve: false, admin: false }
  }
}

export const mayDo = new MayDo()
