/** Questions of the console by their names, each with a form that is checked before it is answered. */
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { fail } from '../../errors.ts'
import type { AdminRequestHandler } from './socket.ts'

export type AdminCommands = Record<string, (form: unknown) => Promise<unknown>>

/** Answers each by its name; BAD_REQUEST for a name that is none. */
export const adminRequestHandler =
  (asked: AdminCommands): AdminRequestHandler =>
  async ({ ask, form }) =>
    Object.hasOwn(asked, ask)
      ? asked[ask]!(form)
      : fail(
          'BAD_REQUEST',
          `expected one of ${Object.keys(asked).join(', ')}, got ${String(ask).slice(0, 40)}`,
        )

/** BAD_REQUEST, with the field, for a form that is not as expected. */
export function commandWithForm<T extends TSchema>(schema: T, run: (form: Static<T>) => Promise<unknown>) {
  const check = Compile(schema)
  return async (form: unknown): Promise<unknown> => {
    if (check.Check(form)) return run(form as Static<T>)
    const { instancePath = '', message = 'is not as expected' } = check.Errors(form)[0] ?? {}
    return fail('BAD_REQUEST', `${instancePath.slice(1).replaceAll('/', '.') || 'form'}: ${message}`)
  }
}
