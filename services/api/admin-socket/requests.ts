/** Commands of the admin socket by name. Each command has a form that is validated before it runs. */
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { fail } from '../../errors.ts'
import { schemaMessage } from '../../runtime/schema-message.ts'
import type { AdminRequestHandler } from './socket.ts'

export type AdminCommands = Record<string, (form: unknown) => Promise<unknown>>

/** Dispatches a request by its command; BAD_REQUEST for an unknown command. */
export const adminRequestHandler =
  (commands: AdminCommands): AdminRequestHandler =>
  async ({ command, form }) =>
    Object.hasOwn(commands, command)
      ? commands[command]!(form)
      : fail(
          'BAD_REQUEST',
          `expected one of ${Object.keys(commands).join(', ')}, got ${String(command).slice(0, 40)}`,
        )

/** Wraps a command so that its form is validated first; BAD_REQUEST names the field. */
export function commandWithForm<T extends TSchema>(schema: T, run: (form: Static<T>) => Promise<unknown>) {
  const check = Compile(schema)
  return async (form: unknown): Promise<unknown> => {
    if (check.Check(form)) return run(form as Static<T>)
    const { path, message } = schemaMessage(check.Errors(form)[0], 'is not as expected')
    return fail('BAD_REQUEST', `${path.join('.') || 'form'}: ${message}`)
  }
}
