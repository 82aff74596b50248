/** What the console of a running Tilth is asked about passwords: a link for whoever forgot theirs. */
import Type from 'typebox'
import { makePasswordLinkFor } from '../auth/password-links.ts'
import { reading, type Questions } from './requests.ts'

const EmailForm = Type.Object({ email: Type.String({ minLength: 1, maxLength: 200 }) })

export const passwordQuestions = (
  deps: Parameters<typeof makePasswordLinkFor>[0] & { httpPort: number },
): Questions => ({
  'password link': reading(EmailForm, async ({ email }) => ({
    ...(await makePasswordLinkFor(deps, email)),
    httpPort: deps.httpPort,
  })),
})
