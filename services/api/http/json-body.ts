/** Bodies are JSON of limited depth. */
import { TilthError } from '../../errors.ts'
import { isDeeperThan } from '../../runtime/json-depth.ts'
import type { App } from './context.ts'

const MAX_DEPTH = 20

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
    else void parse(request, text, done)
  })
}
