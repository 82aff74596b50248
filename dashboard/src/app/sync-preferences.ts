/** A person's choices follow them to another phone: what the server has is taken over, what was chosen here it is told. */
import type { Me } from '../../../services/api/schemas.ts'
import { ask } from '../api/request.ts'
import { languageFor } from '../i18n/languages.ts'
import { words } from '../i18n/i18n.svelte.ts'
import { personalPreferences } from './preferences-model.ts'
import { preferences } from './preferences.svelte.ts'
import { session } from './session.svelte.ts'

/** Called when somebody is signed in, when they have chosen something, and when the network is back. */
export async function syncPreferences(me: Me, isUp: boolean): Promise<void> {
  const { chosen } = preferences
  if (chosen.isUnsaid) {
    if (!isUp) return
    const told = await ask('/api/me/choices', { method: 'POST', body: personalPreferences(chosen) })
    if (!told.ok) return
    await session.open()
    // what was chosen meanwhile has not been told
    if (preferences.chosen === chosen && session.failure === null) preferences.choose({ isUnsaid: false })
    return
  }
  preferences.adopt(me.choices)
  const language = languageFor(preferences.chosen.language, [words.language])
  if (language !== words.language) await words.change(language)
}
