/** A notice to a browser: encrypted for it alone (RFC 8291); the push service in between sees its size. */
import type { Result } from '../../broker/contract/result.ts'
import type { PushDeviceRow } from '../tables.ts'
import type { NotificationReach } from './address.ts'
import type { Message } from './compose.ts'
import { post, type DeliveryProblem } from './post.ts'
import type { VapidKeys } from './vapid.ts'

// a browser that is away for longer is told by the page itself
const KEPT_S = 86_400
// every service takes 3,000 bytes, with room for what encryption adds
const MOST_BODY = 900

export type SendPush = (
  device: PushDeviceRow,
  message: Message,
  options: { isUrgent: boolean; language: string },
) => Promise<Result<null, DeliveryProblem>>

/** `subject`: whom the push service may write to about this server, mailto: or https:. */
export function pushSender(of: { keys: VapidKeys; subject: string; reach: NotificationReach }): SendPush {
  return async ({ pushUrl, pushKey, pushAuth }, { title, lines, path, tag }, { isUrgent, language }) => {
    // a server that pushes to nobody needs none of this in its memory
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
