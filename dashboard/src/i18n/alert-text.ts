/** An alert as text: the problem and its place, the affected fields, and the remedy. */
import type { Alert } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'

export interface AlertText {
  what: string
  /** of a flow alarm: the measured flow, and the action taken */
  measured: string | null
  done: string | null
  fields: string | null
  remedy: string | null
}

// a phone has no space for more names
const NAMED = 6

export function alertText(alert: Alert, locale: Locale): AlertText {
  const { flow, at } = alert.params
  const name = alert.deviceName ?? alert.deviceId
  const device = name !== null && at != null ? `${name} ${at}` : name
  const names = alert.fields.map(({ name }) => name)
  const hiddenCount = names.length - NAMED
  const shownNames = names.slice(0, hiddenCount > 0 ? NAMED : names.length).join(locale.t('list.comma'))
  return {
    what:
      device === null
        ? causeText(alert, locale)
        : locale.message('alert', alert.cause, { ...alert.params, device, sinceMs: alert.sinceMs }),
    measured: measuredText(alert, locale),
    done: alert.params['done'] === undefined ? null : locale.message('done', String(alert.params['done'])),
    fields:
      names.length === 0
        ? null
        : hiddenCount > 0
          ? locale.t('alert-fields.more', { shown: shownNames, n: hiddenCount })
          : shownNames,
    remedy:
      locale.messageOrNull('remedy', `${alert.cause}-${flow}`) ?? locale.messageOrNull('remedy', alert.cause),
  }
}

/** An alert without a device has its own text; a valve whose controller was deleted has only its cause. */
function causeText({ cause, params, sinceMs }: Alert, locale: Locale): string {
  const text = 'valve' in params ? null : locale.messageOrNull('alert', cause, { ...params, sinceMs })
  return text ?? locale.message('cause', cause)
}

/** Unknown figures are left out. */
function measuredText({ params }: Alert, locale: Locale): string | null {
  const { lpm, expectedLpm } = params
  if (lpm == null) return null
  return expectedLpm == null || expectedLpm === 0
    ? locale.t('flow.metered', { lpm })
    : locale.t('flow.metered-of', { lpm, expectedLpm })
}
