/** Sends a photo from the phone in two sizes. It is not queued: it needs a connection. */
import { i18n } from '../i18n/i18n.svelte.ts'
import { failureText, submit } from '../api/submit.ts'
import { jpegOf } from './shrink-picture.ts'

/** Null when the server has stored it, else the reason as text. */
export async function sendPhoto(path: string, photo: File, extraFields: object = {}): Promise<string | null> {
  const [thumbnail, picture] = [await jpegOf(photo, 200, 40_000), await jpegOf(photo, 1_280, 700_000)]
  if (thumbnail === null || picture === null) return i18n.locale.t('device.photo.bad')
  const response = await submit('POST', path, { thumbnail, picture, ...extraFields })
  return response.ok ? null : failureText(response.error)
}
