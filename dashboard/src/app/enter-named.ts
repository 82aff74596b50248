/** The link of a notice names its organisation: whoever belongs to several enters that one, and is where it leads. */
import type { Me } from '../../../services/api/schemas.ts'
import { route } from './route.svelte.ts'
import { session } from './session.svelte.ts'

/** An organisation that cannot be entered is left out, and the page stays in the one that it is in. */
export async function enterNamed({ org }: Me): Promise<void> {
  const named = route.query.get('org')
  if (named === null) return
  const to = route.path + location.hash
  if (named !== org.id && (await session.enterOrganisation(named, to)) === null) return
  route.go(to, { replace: true })
}
