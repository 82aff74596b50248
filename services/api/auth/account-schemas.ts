/** Sign-in, the first setup, and the people of an organisation. */
import Type, { type Static } from 'typebox'
import { Form, OneOf, Text, Id, Name, TopicName, Password } from '../http/validation/schema-primitives.ts'

/** POST /api/auth/sign-in/email; the session is a cookie. `rememberMe` false: it ends with the browser. */
export const SignIn = Form({
  email: Type.String({ minLength: 1, maxLength: 200 }),
  password: Type.String({ minLength: 1, maxLength: 128 }),
  rememberMe: Type.Optional(Type.Boolean()),
})

/** POST /api/auth/organization/set-active: the organisation that the person acts for. */
export const ActiveOrg = Form({ orgId: TopicName })

/** POST /api/setup with the token of the setup link; the response is Me, with the session cookie. */
export const Setup = Form({
  token: Type.String({ minLength: 1, maxLength: 200 }),
  name: Name,
  email: Type.String({ format: 'email', maxLength: 200 }),
  password: Password,
  orgName: Name,
  orgId: TopicName,
})
export type Setup = Static<typeof Setup>

export const NewMember = Form({
  name: Name,
  email: Type.String({ format: 'email', maxLength: 200 }),
  password: Password,
  role: OneOf('viewer', 'operator', 'agronomist', 'admin'),
})

export const MemberView = Type.Object({
  id: Id,
  name: Text,
  email: Text,
  role: OneOf('viewer', 'operator', 'agronomist', 'admin'),
})
export type MemberView = Static<typeof MemberView>
