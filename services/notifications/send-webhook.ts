/**
 * Alerts of an organisation as JSON to its webhook. The header `tilth-signature: t=SECONDS,v1=HEX` lets the receiver
 * verify origin and time: HEX is the HMAC-SHA-256 of `SECONDS.BODY` under the secret of the webhook.
 */
import { createHmac } from 'node:crypto'
import { SECOND_MS, type AtMs } from '../../broker/contract/time.ts'
import { err, type Result } from '../../broker/contract/result.ts'
import { readAlertParams, type WebhookRow } from '../tables.ts'
import type { Reach } from '../runtime/target-address.ts'
import type { Message, NamedAlert } from './compose.ts'
import { post, type DeliveryProblem } from './post.ts'

/** No alerts make it a test. The error is never `gone`: the webhook stays set. */
export async function sendWebhook(
  { org, hookUrl }: WebhookRow,
  {
    message,
    alerts,
    nowMs,
    isOver,
  }: { message: Message; alerts: readonly NamedAlert[]; nowMs: AtMs; isOver: boolean },
  { secret, reach }: { secret: string; reach: Reach },
): Promise<Result<null, DeliveryProblem>> {
  const body = JSON.stringify({
    v: 1,
    org,
    atMs: nowMs,
    isTest: alerts.length === 0,
    isOver,
    title: message.title,
    text: message.lines.join('\n'),
    alerts: alerts.map(({ params, org: _org, ...alert }) => ({
      ...alert,
      params: readAlertParams(params),
    })),
  })
  const seconds = Math.floor(nowMs / SECOND_MS)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Tilth',
    'tilth-signature': `t=${seconds},v1=${signatureOf(secret, seconds, body)}`,
  }
  const result = await post(hookUrl, { headers, body }, reach)
  // a receiver that is being redeployed responds with 404 for a while
  return !result.ok && result.error === 'gone' ? err('refused') : result
}

/** Derived from the secret of the server and a salt: a leaked store cannot sign. */
export const hookSecretOf = (serverSecret: string, { org, salt }: Pick<WebhookRow, 'org' | 'salt'>): string =>
  createHmac('sha256', serverSecret).update(`webhook ${org} ${salt}`).digest('base64url')

/** Lower-case hex. `seconds`: UTC epoch, as in the header. */
export const signatureOf = (secret: string, seconds: number, body: string): string =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
