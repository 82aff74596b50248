/**
 * A one-time claim code that a person reads on a screen and enters on a device. Crockford's base 32 with his check
 * symbol: 19 random symbols (95 bits) and one that detects a mistyped symbol or two swapped ones. Pure.
 */
import { err, ok, type Result } from './result.ts'

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ' // no I, L, O, U
const RANDOM_SYMBOLS = 19
const GROUP = 4
const CHECK_BASE = 37n

/** A new code such as K3QF-7M2P-... `random` returns the given number of random bytes. */
export function newClaimCode(random: (bytes: number) => Uint8Array): string {
  for (;;) {
    const symbols = [...random(RANDOM_SYMBOLS)].map((byte) => SYMBOLS[byte & 31]!).join('')
    const check = checkSymbol(symbols)
    // five of the 37 check symbols are not among the 32: such a code is generated again
    if (check !== null) return formatGroups(symbols + check)
  }
}

/**
 * The canonical form of an entered code: upper case, I and L are 1, O is 0, blanks and hyphens are ignored. The error
 * depends only on the text, never on the existing codes.
 */
export function parseClaimCode(text: string): Result<string> {
  const symbols = text.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0')
  const invalid = [...symbols].find((symbol) => !SYMBOLS.includes(symbol))
  if (invalid !== undefined) return err(`code: no code has the symbol ${JSON.stringify(invalid)}`)
  if (symbols.length !== RANDOM_SYMBOLS + 1)
    return err(`code: expected ${RANDOM_SYMBOLS + 1} letters and digits, got ${symbols.length}`)
  return checkSymbol(symbols.slice(0, RANDOM_SYMBOLS)) === symbols[RANDOM_SYMBOLS]
    ? ok(formatGroups(symbols))
    : err('code: its last symbol does not fit the others; was one mistyped?')
}

/** The number of the symbols modulo 37, a prime above 32: it detects every single change and every swap. */
function checkSymbol(symbols: string): string | null {
  let number = 0n
  for (const symbol of symbols) number = (number * 32n + BigInt(SYMBOLS.indexOf(symbol))) % CHECK_BASE
  return SYMBOLS[Number(number)] ?? null
}

const formatGroups = (symbols: string): string => symbols.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-')
