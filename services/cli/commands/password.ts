/** `tilth password EMAIL`: a link for a person who forgot their password, created by a running Tilth. */
import { err, ok } from '../../../broker/contract/result.ts'
import { sendAdminRequest } from '../../api/admin-socket/socket.ts'
import type { PasswordLink } from '../../api/auth/password-schemas.ts'
import type { Command } from './command.ts'

export const passwordUsage = `  password EMAIL                  prints a one-time link, valid for 24 h, to choose a new password
`

export const passwordCommand: Command = async ([email, ...extra], { settings, print }) => {
  if (email === undefined || email.startsWith('-') || extra.length > 0)
    return err('password: expected one EMAIL')
  const request = { command: 'password link', form: { email } }
  const response = await sendAdminRequest(settings.dataDir, request)
  const { url, expiresMs, httpPort } = response as PasswordLink & { httpPort: number }
  const server = settings.publicUrl ?? `http://localhost:${httpPort}`
  print(`${server}${url}`)
  print('')
  print(
    `It is a one-time link, valid until ${new Date(expiresMs).toLocaleString()}, and is not shown again. Earlier links of`,
  )
  print(
    'this person are invalid. Opening it lets the person choose a new password and ends all their sessions.',
  )
  if (settings.publicUrl === null) print("On another machine, replace localhost by this server's address.")
  return ok(null)
}
