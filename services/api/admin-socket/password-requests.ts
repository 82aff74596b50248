/** What the console of a running Tilth is asked about passwords: a link for whoever forgot theirs. */
import Type from 'typebox'
import { createPasswordLinkByEmail } from '../auth/password-links.ts'
import { commandWithForm, type AdminCommands } from './requests.ts'

const EmailForm = Type.Object({ email: Type.String({ minLength: 1, maxLength: 200 }) })

export const passwordCommands = (
  deps: Parameters<typeof createPasswordLinkByEmail>[0] & { httpPort: number },
): AdminCommands => ({
  'password link': commandWithForm(EmailForm, async ({ email }) => ({
    ...(await createPasswordLinkByEmail(deps, email)),
    httpPort: deps.httpPort,
  })),
})
