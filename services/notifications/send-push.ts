/** Notifications to a browser: end-to-end encrypted (RFC 8291); the push service sees only the size. */
import type { Result } from '../../broker/contract/result.ts'
import type { PushDeviceRow } from '../tables.ts'
import type { Reach } from '../runtime/target-address.ts'
import type { Message } from './compose.ts'
import { post, type DeliveryProblem } from './post.ts'
import type { VapidKeys } from './vapid.ts'

// a browser that is offline for longer gets the alerts from the page itself
const KEPT_S = 86_400
// every service accepts 3,000 bytes, which leaves room for the encryption overhead
const MOST_BODY = 900

export type SendPush = (
  device: PushDeviceRow,
  message: Message,
  options: { isUrgent: boolean; language: string },
) => Promise<Result<null, DeliveryProblem>>

/** `subject`: contact address of this server for the push service, mailto: or https:. */
export function pushSender(of: { keys: VapidKeys; subject: string; reach: Reach }): SendPush {
  return async ({ pushUrl, pushKey, pushAuth }, { title, lines, path, tag }, { isUrgent, language }) => {
    // loaded on first use: a server without push does not need it in memory
    const { default: webPush } = await import('web-push')
    const body = lines.join('\n').slice(0, MOST_BODY)
    const { headers, body: sealed } = webPush.generateRequestDetails(
      { endpoint: pushUrl, keys: { p256dh: pushKey, auth: pushAuth } },
      JSON.stringify({ title, body, path, tag, language }),
      {
        vapidDetails: { subject: of.subject, ...of.keys },
        TTL: KEPT_S,
        urgency: isUrgent ? 'high' : 'normal',
      },
    )
    return post(pushUrl, { headers: headers as Record<string, string | number>, body: sealed! }, of.reach)
  }
}
