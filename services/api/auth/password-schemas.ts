/** Forms and answers about changing one's password, and about the link with which a forgotten one is replaced. */
import Type, { type Static } from 'typebox'
import { AtMs, Form, OneOf, Password, Text } from '../http/schema-primitives.ts'

/** POST /api/auth/change-password; every other session of the person ends. */
export const NewPassword = Form({
  currentPassword: Type.String({ minLength: 1, maxLength: 128 }),
  newPassword: Password,
})

/** Shown once: what the person opens who forgot their password. */
export const PasswordLink = Type.Object({ code: Text, url: Text, expiresMs: AtMs })
export type PasswordLink = Static<typeof PasswordLink>

const Code = Type.String({ minLength: 1, maxLength: 64 })

/** POST /api/password-links/look: whose password it is, for whoever holds the code. */
export const InspectPasswordLink = Form({ code: Code })
export const PasswordLinkOwner = Type.Object({ purpose: OneOf('password'), name: Text, email: Text })
export type PasswordLinkOwner = Static<typeof PasswordLinkOwner>

/** POST /api/password-links/accept: every session of the person ends, and one begins here. */
export const AcceptPasswordLink = Form({ code: Code, password: Password })
