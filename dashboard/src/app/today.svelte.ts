/** /api/today: held once for the whole app, since the dock on every screen lives from it. */
import type { Today } from '../../../services/api/schemas.ts'
import { words } from '../words/words.svelte.ts'
import { Resource } from './resource.svelte.ts'

export const today = new Resource<Today>('/api/today')

/** Opens it and keeps it fresh; gives the function that ends that. */
export function startToday(): () => void {
  const stopZone = $effect.root(() => {
    $effect(() => {
      if (today.value) words.useTimeZone(today.value.timeZone)
    })
  })
  void today.open()
  const unfollow = today.follow(() => true)
  return () => {
    unfollow()
    stopZone()
  }
}
