/** SMTP_URL and MAIL_FROM: the mail server for notifications and the sender. Without a server no mail is sent. */
import { err, ok, type Result } from '../../broker/contract/result.ts'

export interface MailSettings {
  url: string // smtp[s]://user:password@host:port
  from: string // an address, or 'Name <address>'
}

/** The error never repeats the address of the server: it may contain a password. */
export function readMail(url: string, from: string): Result<MailSettings | null> {
  if (url === '') return ok(null)
  const server = URL.canParse(url) ? new URL(url) : null
  if (!server || server.hostname === '')
    return err('SMTP_URL must look like smtp://USER:PASSWORD@HOST:587 (%40 for @), got something else')
  if (from === '') return err('SMTP_URL needs MAIL_FROM, the sender of notifications; it is empty')
  if (!/^([^<>\r\n]*<)?[^\s<>@]+@[^\s<>@]+>?$/.test(from))
    return err(`MAIL_FROM must be an address, as Tilth <tilth@example.org>, got ${from.slice(0, 80)}`)
  return ok({ url, from })
}
