/** What an alert says: what is wrong and where, the fields behind it, and what a person can do. */
import type { Alert } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'

export interface AlertText {
  what: string
  /** of an alarm of the flow: what was measured, and what was done about it */
  measured: string | null
  done: string | null
  fields: string | null
  remedy: string | null
}

// more names than these are no help on a phone
const NAMED = 6

export function alertText(alert: Alert, say: Locale): AlertText {
  const { flow, at } = alert.params
  const name = alert.deviceName ?? alert.deviceId
  const device = name !== null && at != null ? `${name} ${at}` : name
  const names = alert.fields.map(({ name }) => name)
  const rest = names.length - NAMED
  const shown = names.slice(0, rest > 0 ? NAMED : names.length).join(say.t('list.comma'))
  return {
    what:
      device === null
        ? causeText(alert, say)
        : say.say('alert', alert.cause, { ...alert.params, device, sinceMs: alert.sinceMs }),
    measured: measuredText(alert, say),
    done: alert.params['done'] === undefined ? null : say.say('done', String(alert.params['done'])),
    fields: names.length === 0 ? null : rest > 0 ? say.t('alert-fields.more', { shown, n: rest }) : shown,
    remedy: say.maybe('remedy', `${alert.cause}-${flow}`) ?? say.maybe('remedy', alert.cause),
  }
}

/** What concerns no device has a text of its own; a valve whose controller is gone has only its cause. */
function causeText({ cause, params, sinceMs }: Alert, say: Locale): string {
  const own = 'valve' in params ? null : say.maybe('alert', cause, { ...params, sinceMs })
  return own ?? say.say('cause', cause)
}

/** Unknown figures are left out. */
function measuredText({ params }: Alert, say: Locale): string | null {
  const { lpm, expectedLpm } = params
  if (lpm == null) return null
  return expectedLpm == null || expectedLpm === 0
    ? say.t('flow.metered', { lpm })
    : say.t('flow.metered-of', { lpm, expectedLpm })
}
