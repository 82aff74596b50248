/**
 * Depth and size of JSON from outside: code that walks a value (audit lines, exports, shapes) recurses level by level, and a
 * million brackets must not exhaust its stack. Pure.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/** Whether the commas of a JSON text separate more than `most` values; those in strings do not count. */
export function holdsMoreThan(most: number, text: string): boolean {
  let values = 1
  for (let index = text.indexOf(','); index >= 0; index = text.indexOf(',', index + 1))
    if (++values > most) return countsMoreThan(most, text)
  return false
}

function countsMoreThan(most: number, text: string): boolean {
  let values = 1
  let isText = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (isText && code === BACKSLASH) index++
    else if (code === QUOTE) isText = !isText
    else if (!isText && code === COMMA && ++values > most) return true
  }
  return false
}

/** Whether the brackets of a JSON text nest more than `levels` deep; brackets in strings do not count. */
export function isDeeperThan(levels: number, text: string): boolean {
  let depth = 0
  let isText = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (isText) {
      if (code === BACKSLASH) index++
      else if (code === QUOTE) isText = false
    } else if (code === QUOTE) isText = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > levels) return true
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}
