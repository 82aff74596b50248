/** A person's preferences follow them to another phone: the server's are adopted, those changed here are sent. */
import type { Me } from '../../../services/api/schemas.ts'
import { request } from '../api/request.svelte.ts'
import { i18n } from '../i18n/i18n.svelte.ts'
import { languageFor } from '../i18n/languages.ts'
import { personalPreferences } from './preferences-model.ts'
import { preferences } from './preferences.svelte.ts'
import { session } from './session.svelte.ts'

/** Called when a person signs in, when a preference changes, and when the network returns. */
export async function syncPreferences(me: Me, isUp: boolean): Promise<void> {
  const { values } = preferences
  if (values.isUnsynced) {
    if (!isUp) return
    const response = await request('/api/me/preferences', {
      method: 'POST',
      body: personalPreferences(values),
    })
    if (!response.ok) return
    await session.open()
    // a change made in the meantime is not sent yet
    if (preferences.values === values && session.failure === null) preferences.choose({ isUnsynced: false })
    return
  }
  preferences.adopt(me.preferences)
  const language = languageFor(preferences.values.language, [i18n.language], i18n.languages)
  if (language !== i18n.language) await i18n.change(language)
}
