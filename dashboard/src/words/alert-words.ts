/** What an alert says: what is wrong and where, the fields behind it, and what a person can do. */
import type { Alert } from '../../../services/api/schemas.ts'
import type { Speaker } from './speaker.ts'

export interface AlertWords {
  what: string
  /** what was measured and what was done about it */
  done: string | null
  fields: string | null
  remedy: string | null
}

// more names than these are no help on a phone
const NAMED = 6

export function alertWords(alert: Alert, say: Speaker): AlertWords {
  const { flow, at } = alert.params
  const name = alert.deviceName ?? alert.deviceId
  const device = name !== null && at != null ? `${name} ${at}` : name
  const names = alert.fields.map(({ name }) => name)
  const rest = names.length - NAMED
  const shown = names.slice(0, rest > 0 ? NAMED : names.length).join(say.t('list.comma'))
  return {
    what:
      device === null
        ? (say.maybe('alert', alert.cause, { ...alert.params, sinceMs: alert.sinceMs }) ??
          say.say('cause', alert.cause))
        : say.say('alert', alert.cause, { ...alert.params, device, sinceMs: alert.sinceMs }),
    done: doneWords(alert, say),
    fields: names.length === 0 ? null : rest > 0 ? say.t('alert-fields.more', { shown, n: rest }) : shown,
    remedy: say.maybe('remedy', `${alert.cause}-${flow}`) ?? say.maybe('remedy', alert.cause),
  }
}

/** Of an alarm of the flow: unknown figures are left out. */
function doneWords({ params }: Alert, say: Speaker): string | null {
  const { done, lpm, expectedLpm } = params
  if (done === undefined) return null
  const measured =
    lpm == null
      ? null
      : expectedLpm == null || expectedLpm === 0
        ? say.t('flow.metered', { lpm })
        : say.t('flow.metered-of', { lpm, expectedLpm })
  return [measured, say.say('done', String(done))].filter((part) => part !== null).join(' ')
}
