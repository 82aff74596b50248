/** /api/today: one instance for the whole app, since the dock on every screen uses it. */
import type { Today } from '../../../services/api/schemas.ts'
import { i18n } from '../i18n/i18n.svelte.ts'
import { Resource } from '../api/cache.svelte.ts'

export const today = new Resource<Today>('/api/today', ({ timeZone }) => i18n.useTimeZone(timeZone))

/** Opens it and keeps it current; returns the function that stops the updates. */
export function startToday(): () => void {
  void today.open()
  return today.follow(() => true)
}
