/** Bodies are JSON of limited depth and with a limited number of values. */
import { TilthError } from '../../errors.ts'
import { holdsMoreThan, isDeeperThan } from '../../runtime/json-depth.ts'
import type { App } from './context.ts'

const MAX_DEPTH = 20
const MAX_VALUES = 50_000

/**
 * Replaces all body parsers of `app`: it accepts only application/json. BAD_REQUEST beyond 20 levels; the keys
 * `__proto__` and `constructor` are rejected.
 */
export function parseJsonBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (isDeeperThan(MAX_DEPTH, text))
      done(new TilthError('BAD_REQUEST', `body: must be at most ${MAX_DEPTH} levels deep, got more`))
    else if (holdsMoreThan(MAX_VALUES, text))
      done(new TilthError('BAD_REQUEST', `body: must hold at most ${MAX_VALUES} values, got more`))
    else void parse(request, text, done)
  })
}
