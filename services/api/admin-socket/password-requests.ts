/** Password commands of the admin socket: a link for a person who forgot their password. */
import Type from 'typebox'
import { createPasswordLinkByEmail } from '../auth/password-links.ts'
import { commandWithForm, type AdminCommands } from './requests.ts'

const EmailForm = Type.Object({ email: Type.String({ minLength: 1, maxLength: 200 }) })

/** `password link` creates a one-time link for the account with this email address; NOT_FOUND when there is none. */
export const passwordCommands = (
  deps: Parameters<typeof createPasswordLinkByEmail>[0] & { httpPort: number },
): AdminCommands => ({
  'password link': commandWithForm(EmailForm, async ({ email }) => ({
    ...(await createPasswordLinkByEmail(deps, email)),
    httpPort: deps.httpPort,
  })),
})
