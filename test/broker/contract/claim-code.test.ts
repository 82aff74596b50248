/** Claim codes: a person reads one aloud, another types it; what goes wrong on the way is found. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newClaimCode, parseClaimCode } from '../../../broker/contract/claim-code.ts'
import '../../support/seed.ts'

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Codes from bytes that fast-check chooses; drawn again as the program does. */
const codes = fc.infiniteStream(fc.integer({ min: 0, max: 255 })).map((stream) =>
  newClaimCode((bytes) => {
    const drawn = new Uint8Array(bytes)
    for (let i = 0; i < bytes; i++) drawn[i] = stream.next().value!
    return drawn
  }),
)
const place = fc.integer({ min: 0, max: 19 })
const replaced = (code: string, at: number, symbol: string): string => {
  const symbols = [...code.replaceAll('-', '')]
  symbols[at] = symbol
  return symbols.join('')
}

describe('a claim code', () => {
  it('is five groups of four, of unambiguous letters', () =>
    expect(newClaimCode(randomBytes)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/))

  it('has 95 bit of entropy: each of its 19 symbols can be any of 32 (B2)', () => {
    const seen = Array.from({ length: 19 }, () => new Set<string>())
    for (let i = 0; i < 2_000; i++) {
      const symbols = newClaimCode(randomBytes).replaceAll('-', '')
      seen.forEach((set, at) => set.add(symbols[at]!))
    }
    expect(seen.map((set) => set.size)).toEqual(Array(19).fill(32))
  })

  it('is parsed in any spelling', () =>
    fc.assert(
      fc.property(codes, (code) => {
        for (const typed of [
          code,
          code.toLowerCase(),
          code.replaceAll('-', ' '),
          code.replaceAll('-', ''),
          code.replaceAll('0', 'o').replaceAll('1', 'l'),
          ` ${code.replaceAll('1', 'I')}\n`,
        ])
          expect(parseClaimCode(typed)).toEqual({ ok: true, value: code })
      }),
    ))

  it('with one wrong symbol is detected', () =>
    fc.assert(
      fc.property(codes, place, fc.constantFrom(...SYMBOLS), (code, at, symbol) => {
        fc.pre(code.replaceAll('-', '')[at] !== symbol)
        expect(parseClaimCode(replaced(code, at, symbol)).ok).toBe(false)
      }),
    ))

  it('with two swapped neighbours is detected', () =>
    fc.assert(
      fc.property(codes, fc.integer({ min: 0, max: 18 }), (code, at) => {
        const symbols = code.replaceAll('-', '')
        fc.pre(symbols[at] !== symbols[at + 1])
        const swapped = replaced(replaced(code, at, symbols[at + 1]!), at + 1, symbols[at]!)
        expect(parseClaimCode(swapped).ok).toBe(false)
      }),
    ))

  it.each([
    ['', 'code: expected 20 letters and digits, got 0'],
    ['K3QF-7M2P', 'code: expected 20 letters and digits, got 8'],
    ['K3QF-7M2P-XR4T-9WBA-CDE*', 'code: no code has the symbol "*"'],
    ['UUUU-7M2P-XR4T-9WBA-CDEF', 'code: no code has the symbol "U"'],
  ])('%j is refused: %s', (typed, error) => expect(parseClaimCode(typed)).toEqual({ ok: false, error }))

  it("has Crockford's check symbol: the number modulo 37", () => {
    // 32^18 mod 37, calculated separately: 32^2 = 25, 32^4 = 33, 32^8 = 16, 32^16 = 34, 32^18 = 34 * 25 = 36 (mod 37)
    const code = `1${'0'.repeat(18)}`
    const check = SYMBOLS[36]
    expect(check).toBeUndefined()
    // 2 * 36 = 35, 3 * 36 = 34 ... 6 * 36 = 31 (mod 37): Z
    expect(parseClaimCode(`6${code.slice(1)}Z`)).toEqual({ ok: true, value: '6000-0000-0000-0000-000Z' })
  })
})
