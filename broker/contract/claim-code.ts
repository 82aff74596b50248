/**
 * A claim code: what a person reads on one screen and types into a device, once. Crockford's base 32 with his check
 * symbol: 19 symbols of chance (95 bit) and one that finds a mistyped or two swapped ones. Pure.
 */
import { err, ok, type Result } from './result.ts'

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ' // no I, L, O, U
const RANDOM_SYMBOLS = 19
const GROUP = 4
const CHECK_BASE = 37n

/** A new code, as K3QF-7M2P-... `random` gives so many random bytes. */
export function newClaimCode(random: (bytes: number) => Uint8Array): string {
  for (;;) {
    const drawn = [...random(RANDOM_SYMBOLS)].map((byte) => SYMBOLS[byte & 31]!).join('')
    const check = checkSymbol(drawn)
    // five of the 37 check symbols are not among the 32: such a code is drawn again
    if (check !== null) return formatGroups(drawn + check)
  }
}

/**
 * The one spelling of what a person typed: capitals, I and L are 1, O is 0, blanks and hyphens say nothing. The reason
 * tells of the text alone, never of which codes there are.
 */
export function parseClaimCode(text: string): Result<string> {
  const symbols = text.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0')
  const strange = [...symbols].find((symbol) => !SYMBOLS.includes(symbol))
  if (strange !== undefined) return err(`code: no code has the symbol ${JSON.stringify(strange)}`)
  if (symbols.length !== RANDOM_SYMBOLS + 1)
    return err(`code: expected ${RANDOM_SYMBOLS + 1} letters and digits, got ${symbols.length}`)
  return checkSymbol(symbols.slice(0, RANDOM_SYMBOLS)) === symbols[RANDOM_SYMBOLS]
    ? ok(formatGroups(symbols))
    : err('code: its last symbol does not fit the others; was one mistyped?')
}

/** The number that the symbols are, modulo 37: a prime above 32, so that no single change and no swap goes unseen. */
function checkSymbol(symbols: string): string | null {
  let number = 0n
  for (const symbol of symbols) number = (number * 32n + BigInt(SYMBOLS.indexOf(symbol))) % CHECK_BASE
  return SYMBOLS[Number(number)] ?? null
}

const formatGroups = (symbols: string): string => symbols.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-')
