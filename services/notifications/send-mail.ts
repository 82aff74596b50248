/** Notifications by e-mail, over the configured SMTP server. Plain text. */
import type { Transporter } from 'nodemailer'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { MailSettings } from '../config/mail-settings.ts'
import type { NotificationLanguage } from '../tables.ts'
import type { Message } from './compose.ts'
import type { DeliveryProblem } from './post.ts'
import { textsFor } from './text.ts'

export interface MailSender {
  send(to: string, message: Message, language: NotificationLanguage): Promise<Result<null, DeliveryProblem>>
  /** The last mail found no server. */
  isAway(): boolean
  close(): void
}

const WAIT_MS = 10_000

/** `publicUrl`: address of the dashboard; null: no link is written. */
export function mailSender({ url, from }: MailSettings, publicUrl: string | null): MailSender {
  let isAway = false
  let transport: Promise<Transporter> | null = null
  return {
    async send(to, { title, lines, path }, language) {
      const { look, why } = textsFor(language)
      const link = publicUrl === null ? [] : [`${look} ${publicUrl}${path}`]
      try {
        const mailer = await (transport ??= openTransport(url))
        await mailer.sendMail({
          from,
          to: { name: '', address: to },
          subject: title,
          text: [lines.join('\n'), ...link, `-- \n${why}`].join('\n\n'),
          // prevents automatic replies (RFC 3834)
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        isAway = false
        return ok(null)
      } catch (error) {
        isAway = (error as { responseCode?: number }).responseCode === undefined
        return err(isAway ? 'no-response' : 'refused')
      }
    },
    isAway: () => isAway,
    close: () => void transport?.then((mailer) => mailer.close()).catch(() => {}),
  }
}

// loaded on first use: a server without mail does not need it in memory
async function openTransport(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  return createTransport(withTimeouts(url), { disableFileAccess: true, disableUrlAccess: true })
}

/** Signs in to the mail server without sending anything. Returns the problem; null: none. */
export async function findMailProblem({ url }: MailSettings): Promise<string | null> {
  const mailer = await openTransport(url)
  try {
    await mailer.verify()
    return null
  } catch (error) {
    return (error as Error).message
  } finally {
    mailer.close()
  }
}

/** Adds timeouts to the address where it has none. */
function withTimeouts(address: string): string {
  const url = new URL(address)
  for (const name of ['connectionTimeout', 'greetingTimeout', 'socketTimeout'])
    if (!url.searchParams.has(name)) url.searchParams.set(name, String(WAIT_MS))
  return url.href
}
