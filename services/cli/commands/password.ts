/** `tilth password EMAIL`: a link for somebody who forgot their password, made at the console of a running Tilth. */
import { err, ok } from '../../../broker/contract/result.ts'
import { sendAdminRequest } from '../../api/admin-socket/socket.ts'
import type { PasswordLink } from '../../api/auth/password-schemas.ts'
import type { Command } from './command.ts'

export const passwordUsage = `  password EMAIL                  prints a link, good once and for a day, with which this person chooses a new password
`

export const passwordCommand: Command = async ([email, ...more], { settings, print: say }) => {
  if (email === undefined || email.startsWith('-') || more.length > 0)
    return err('password: expected one EMAIL')
  const question = { ask: 'password link', form: { email } }
  const answer = await sendAdminRequest(settings.dataDir, question)
  const { url, expiresMs, httpPort } = answer as PasswordLink & { httpPort: number }
  const server = settings.publicUrl ?? `http://localhost:${httpPort}`
  say(`${server}${url}`)
  say('')
  say(
    `It counts once, until ${new Date(expiresMs).toLocaleString()}, and is not shown again. What was made before`,
  )
  say('counts no more. Whoever opens it chooses the new password; this person is signed out everywhere then.')
  if (settings.publicUrl === null)
    say("On another machine put this server's address in the place of localhost.")
  return ok(null)
}
