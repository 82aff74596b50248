/** What has become of an entry that this phone keeps: whether the server has it, or why it has not. */
import type { QueueItem } from '../app/queue.ts'
import type { Locale } from './locale.ts'

export const queueStateText = (
  { seen, state, reason, params, receivedMs, isOut }: QueueItem,
  say: Locale,
): string =>
  state === 'waiting'
    ? say.t(isOut ? 'start.no-answer' : 'noted.waiting')
    : state === 'refused'
      ? say.t('noted.refused', {
          why: say.say(seen.kind === 'approve' ? 'refused' : 'error', reason, params),
        })
      : say.t('noted.sent', { atMs: receivedMs })
