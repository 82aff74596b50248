/** The state of an integration in words. */
import type { FieldStatus, IntegrationView } from '../../../services/api/schemas.ts'
import type { Locale } from '../i18n/locale.ts'

/** How the row of an integration is marked. */
export const markOf = ({ status }: IntegrationView): FieldStatus =>
  status === 'failed' ? 'act' : status === 'receiving' ? 'ok' : 'unknown'

/** "Received 3 messages, the last 12 min ago", or why nothing comes. */
export function statusText(view: IntegrationView, locale: Locale): string {
  const { status, problem, messages, lastMessageMs } = view
  if (status === 'failed') return locale.message('integration.problem', problem)
  if (status === 'receiving' && lastMessageMs !== null)
    return locale.t('integration.received', { n: messages, ago: locale.ago(lastMessageMs) })
  return locale.message('integration.status', status)
}
