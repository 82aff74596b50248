/** What an alert says: what is wrong and where, the fields behind it, and what a person can do. */
import type { Alert } from '../../../services/api/schemas.ts'
import type { Speaker } from './speaker.ts'

export interface AlertWords {
  what: string
  fields: string | null
  remedy: string | null
}

// more names than these are no help on a phone
const NAMED = 6

export function alertWords(alert: Alert, say: Speaker): AlertWords {
  const device = alert.deviceName ?? alert.deviceId
  const names = alert.fields.map(({ name }) => name)
  const rest = names.length - NAMED
  const shown = names.slice(0, rest > 0 ? NAMED : names.length).join(say.t('list.comma'))
  return {
    what:
      device === null
        ? say.say('cause', alert.cause)
        : say.say('alert', alert.cause, { ...alert.params, device, sinceMs: alert.sinceMs }),
    fields: names.length === 0 ? null : rest > 0 ? say.t('alert-fields.more', { shown, n: rest }) : shown,
    remedy: say.maybe('remedy', alert.cause),
  }
}
