/** Forms and responses for changing a password and for password links. */
import Type, { type Static } from 'typebox'
import { AtMs, Form, OneOf, Password, Text } from '../http/validation/schema-primitives.ts'

/** POST /api/auth/change-password; all other sessions of the person end. */
export const NewPassword = Form({
  currentPassword: Type.String({ minLength: 1, maxLength: 128 }),
  newPassword: Password,
})

/** Shown once: the link that the person opens. */
export const PasswordLink = Type.Object({ code: Text, url: Text, expiresMs: AtMs })
export type PasswordLink = Static<typeof PasswordLink>

const Code = Type.String({ minLength: 1, maxLength: 64 })

/** POST /api/password-links/inspect: whose password the code resets. */
export const InspectPasswordLink = Form({ code: Code })
export const PasswordLinkOwner = Type.Object({ purpose: OneOf('password'), name: Text, email: Text })
export type PasswordLinkOwner = Static<typeof PasswordLinkOwner>

/** POST /api/password-links/accept: all sessions of the person end, and a new one starts. */
export const AcceptPasswordLink = Form({ code: Code, password: Password })
