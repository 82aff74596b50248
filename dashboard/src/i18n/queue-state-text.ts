/** The state of an entry in the queue: waiting, sent, or refused with the reason. */
import type { QueueItem } from '../api/queue-item.ts'
import type { Locale } from './locale.ts'

export const queueStateText = (
  { entry, state, reason, params, receivedMs, wasSent }: QueueItem,
  locale: Locale,
): string =>
  state === 'waiting'
    ? locale.t(wasSent ? 'start.no-response' : 'queued.waiting')
    : state === 'refused'
      ? locale.t('queued.refused', {
          why: locale.message(entry.kind === 'approve' ? 'refused' : 'error', reason, params),
        })
      : locale.t('queued.sent', { atMs: receivedMs })
