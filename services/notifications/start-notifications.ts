/**
 * Sends alerts to people: by push to their browsers, by mail, and by a post to the webhook of the organisation. Reads
 * the active alerts and keeps an outbox of its own; the modules that raise alerts do not wait for it. Nothing is sent
 * without a person's request.
 */
import { every, HOUR_MS, SECOND_MS } from '../../broker/contract/time.ts'
import { err, type Result } from '../../broker/contract/result.ts'
import type { MailSettings } from '../config/mail-settings.ts'
import type { Bus, Clock, Logger, Running, State } from '../ports.ts'
import { subscribeToChanges } from '../runtime/change-events.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import { parseTargetAddress, type Reach } from '../runtime/target-address.ts'
import { isUrgent } from './causes.ts'
import { compose, composeOver, composeTest, withOrg, type Message, type NamedAlert } from './compose.ts'
import {
  queueNotifications,
  queueAllClears,
  deleteOld,
  recordAttempt,
  dueDeliveries,
  withdrawEnded,
  type Delivery,
} from './outbox.ts'
import type { DeliveryProblem } from './post.ts'
import { ALL_CLEAR, readRecipients, channelKey, type Recipient } from './recipients.ts'
import { mailSender } from './send-mail.ts'
import { pushSender } from './send-push.ts'
import { hookSecretOf, sendWebhook } from './send-webhook.ts'
import { vapidKeys } from './vapid.ts'

export interface NotificationsDeps {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  mail: MailSettings | null // null: not configured
  reach: Reach
  publicUrl: string | null
  /** key material for the VAPID keys and the webhook signatures */
  secret: string
  lookEveryMs: number
  /** another node sends: this one answers questions, and sends tests */
  isSilent?: boolean
}

export interface Notifications extends Running {
  hasMail: boolean
  /** The last mail found no server. */
  isMailAway(): boolean
  /** Public VAPID key for browser subscriptions. */
  pushKey: string
  /** Whether a webhook or push service at this address is allowed. */
  mayReach(address: string): boolean
  /** The signing secret of the webhook of an organisation. */
  hookSecret(hook: { org: string; salt: string }): string
  /** Sends a test at once, without the outbox. Null: no such recipient. */
  test(
    org: string,
    address: Pick<Recipient, 'userId' | 'channel' | 'target'>,
  ): Promise<Result<null, DeliveryProblem> | null>
  checkSoon(): void
  settled(): Promise<void>
}

// alerts that are raised together go into one message
const GATHER_MS = 5 * SECOND_MS
const SENT_AT_ONCE = 8
const TIDY_EVERY_MS = HOUR_MS

/**
 * Resolves when it is subscribed to alerts. Sends 5 s after an alert event, so that one message can report several,
 * and every `lookEveryMs`; failures are logged and retried.
 */
export async function startNotifications(deps: NotificationsDeps): Promise<Notifications> {
  const { state, bus, clock, log, reach, publicUrl } = deps
  const keys = vapidKeys(deps.secret)
  const mail = deps.mail && mailSender(deps.mail, publicUrl)
  const hookSecret = (hook: { org: string; salt: string }) => hookSecretOf(deps.secret, hook)
  const push = pushSender({ keys, reach, subject: subjectOf(deps) })
  let isStopped = false
  let cancelSoon: (() => void) | null = null
  const checks = serialQueue()
  let tidiedMs = -Infinity

  /** A failure is logged: the next check comes soon. */
  async function check(): Promise<void> {
    if (isStopped) return
    try {
      const orgs = await readRecipients(state, mail !== null)
      if (clock.now() - tidiedMs >= TIDY_EVERY_MS) {
        await deleteOld(state, clock.now())
        tidiedMs = clock.now()
      }
      await withdrawEnded(state)
      for (const of of orgs) {
        await queueNotifications(state, of, clock.now())
        await queueAllClears(state, of, clock.now())
      }
      const deliveries = await dueDeliveries(state, orgs, clock.now())
      // an unresponsive mail server must not delay push messages
      deliveries.sort((a, b) => order.indexOf(a.recipient.channel) - order.indexOf(b.recipient.channel))
      const senders = Array.from({ length: SENT_AT_ONCE }, async () => {
        for (let delivery = deliveries.shift(); delivery && !isStopped; delivery = deliveries.shift())
          await deliver(delivery)
      })
      for (const end of await Promise.allSettled(senders)) if (end.status === 'rejected') throw end.reason
    } catch (error) {
      log.error({ error }, 'notifications could not be processed; retrying')
    }
  }

  async function deliver({ org, recipient, timeZone, notices, alerts }: Delivery): Promise<void> {
    const composeMessage = recipient.target === ALL_CLEAR ? composeOver : compose
    const message = composeMessage(alerts, recipient.language, { timeZone, nowMs: clock.now() })
    const result = await send(recipient, withOrg(message, org), alerts)
    if (!result.ok)
      log.warn({ channel: recipient.channel, problem: result.error }, 'a notification was not sent')
    await recordAttempt(state, notices, result.ok ? null : result.error, clock.now())
  }

  async function send(
    recipient: Recipient,
    message: Message,
    alerts: readonly NamedAlert[],
  ): Promise<Result<null, DeliveryProblem>> {
    try {
      switch (recipient.channel) {
        case 'push': {
          const { device, language } = recipient
          const result = await push(device, message, {
            language,
            isUrgent: alerts.some(({ cause }) => isUrgent(cause)),
          })
          if (!result.ok && result.error === 'gone')
            await state.deleteFrom('pushDevice').where('id', '=', device.id).execute()
          return result
        }
        case 'mail':
          return mail ? await mail.send(recipient.address, message, recipient.language) : err('no-response')
        case 'webhook':
          return await sendWebhook(
            recipient.hook,
            { message, alerts, nowMs: clock.now(), isOver: recipient.target === ALL_CLEAR },
            { secret: hookSecret(recipient.hook), reach },
          )
      }
    } catch (error) {
      log.warn({ error, channel: recipient.channel }, 'a notification could not be created')
      return err('refused')
    }
  }

  function lookSoon(): void {
    cancelSoon ??= clock.at(clock.now() + GATHER_MS, () => {
      cancelSoon = null
      return checks.enqueue(check)
    })
  }

  let stopChecking = () => {}
  if (deps.isSilent !== true) {
    await subscribeToChanges(bus, (_org, { event }) => {
      if (event === 'alert') lookSoon()
    })
    lookSoon() // pending notifications of the previous process
    stopChecking = every(clock, deps.lookEveryMs, () => checks.enqueue(check))
  }

  return {
    hasMail: mail !== null,
    isMailAway: () => mail?.isAway() === true,
    pushKey: keys.publicKey,
    hookSecret,
    mayReach: (address) => parseTargetAddress(address, reach) !== null,
    async test(org, address) {
      const orgs = await readRecipients(state, mail !== null)
      const recipient = orgs
        .find((item) => item.org === org)
        ?.recipients.find((item) => channelKey(item) === channelKey(address))
      return recipient ? send(recipient, withOrg(composeTest(recipient.language), org), []) : null
    },
    checkSoon: lookSoon,
    settled: () => checks.settled(),
    async stop() {
      isStopped = true
      stopChecking()
      cancelSoon?.()
      await checks.settled()
      mail?.close()
    },
  }
}

const order: Recipient['channel'][] = ['push', 'webhook', 'mail']

/** Push services reject a key without a contact address. */
function subjectOf({ mail, publicUrl }: NotificationsDeps): string {
  const address = mail && /[^\s<>]+@[^\s<>]+/.exec(mail.from)?.[0]
  if (address) return `mailto:${address}`
  return publicUrl?.startsWith('https:') ? publicUrl : 'mailto:nobody@localhost'
}
