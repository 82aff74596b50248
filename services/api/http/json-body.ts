/**
 * Bodies are JSON of limited depth: code that walks a value (audit lines, exports) recurses level by level,
 * and a million brackets must not exhaust its stack.
 */
import { TilthError } from '../../errors.ts'
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

/**
 * Whether the brackets of a JSON text nest more than `levels` deep; brackets in strings do not count. Pure.
 */
export function isDeeperThan(levels: number, text: string): boolean {
  let depth = 0
  let isText = false
  for (let index = 0; index < text.length; index++) {
    const sign = text[index]
    if (isText) {
      if (sign === '\\') index++
      else if (sign === '"') isText = false
    } else if (sign === '"') isText = true
    else if (sign === '[' || sign === '{') {
      if (++depth > levels) return true
    } else if (sign === ']' || sign === '}') depth--
  }
  return false
}
