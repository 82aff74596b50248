/** A notice by e-mail, over the SMTP server that whoever runs Tilth has set. Plain text. */
import type { Transporter } from 'nodemailer'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { MailSettings } from '../config/mail-settings.ts'
import type { NotificationLanguage } from '../tables.ts'
import type { Message } from './compose.ts'
import type { DeliveryProblem } from './post.ts'
import { textsFor } from './text.ts'

export interface MailSender {
  send(to: string, message: Message, language: NotificationLanguage): Promise<Result<null, DeliveryProblem>>
  close(): void
}

const WAIT_MS = 10_000

/** `publicUrl`: where the dashboard is; null: nobody has said, and no link is written. */
export function mailSender({ url, from }: MailSettings, publicUrl: string | null): MailSender {
  let transport: Promise<Transporter> | null = null
  // a server that mails nobody needs none of this in its memory
  const open = async () => {
    const { createTransport } = await import('nodemailer')
    return createTransport(withTimeouts(url), { disableFileAccess: true, disableUrlAccess: true })
  }
  return {
    async send(to, { title, lines, path }, language) {
      const { look, why } = textsFor(language)
      const link = publicUrl === null ? [] : [`${look} ${publicUrl}${path}`]
      try {
        const mailer = await (transport ??= open())
        await mailer.sendMail({
          from,
          to: { name: '', address: to },
          subject: title,
          text: [lines.join('\n'), ...link, `-- \n${why}`].join('\n\n'),
          // no answer of a holiday to a machine (RFC 3834)
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        return ok(null)
      } catch (error) {
        return err((error as { responseCode?: number }).responseCode === undefined ? 'no-answer' : 'refused')
      }
    },
    close: () => void transport?.then((mailer) => mailer.close()).catch(() => {}),
  }
}

/** The address with limits to how long is waited, where it names none. */
function withTimeouts(address: string): string {
  const url = new URL(address)
  for (const name of ['connectionTimeout', 'greetingTimeout', 'socketTimeout'])
    if (!url.searchParams.has(name)) url.searchParams.set(name, String(WAIT_MS))
  return url.href
}
