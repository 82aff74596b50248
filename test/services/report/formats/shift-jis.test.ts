/** Text in Shift_JIS, as programs of Japanese offices read it. */
import { describe, expect, it } from 'vitest'
import { toShiftJis } from '../../../../services/report/formats/shift-jis.ts'

const decoder = new TextDecoder('shift_jis', { fatal: true })
const hex = (text: string) => Buffer.from(toShiftJis(text).bytes).toString('hex')
const back = (text: string) => decoder.decode(toShiftJis(text).bytes)

describe('Shift_JIS', () => {
  // JIS X 0208 and CP932, by their code tables
  it.each([
    ['A1,', '41312c'],
    ['水稲', '9085 88ee'],
    ['ｱﾊﾞ', 'b1 ca de'],
    ['①㈱', '8740 878a'], // NEC, row 13
    ['髙﨑', 'fbfc fab1'], // IBM
    ['∪', '81be'], // twice in CP932: the first stands
    ['～', '8160'],
  ])('writes %s as %s', (text, bytes) => {
    expect(hex(text)).toBe(bytes.replaceAll(' ', ''))
  })

  it('round-trips every character of the decoder', () => {
    const knownRows = new Set<string>()
    for (let lead = 0x81; lead <= 0xfc; lead++) {
      if ((lead >= 0xa0 && lead <= 0xdf) || (lead >= 0xf0 && lead <= 0xf9)) continue
      for (let trail = 0x40; trail <= 0xfc; trail++) {
        const text = new TextDecoder('shift_jis').decode(Uint8Array.of(lead, trail))
        if ([...text].length === 1 && text !== '\ufffd') knownRows.add(text)
      }
    }
    expect(knownRows.size).toBeGreaterThan(7_000)
    const text = [...knownRows].join('')
    expect(toShiftJis(text).replaced).toBe(0)
    expect(back(text)).toBe(text)
  })

  it('replaces characters without a code, and counts them', () => {
    expect(back('𠮷野 Ōta 😀')).toBe('〓野 〓ta 〓')
    expect(toShiftJis('𠮷野 Ōta 😀').replaced).toBe(3)
  })

  it('encodes characters that Unicode has twice: decomposed marks, and the dashes and waves of other systems', () => {
    expect(back('か\u3099 〜 − — ¥')).toBe('が ～ － ― \\')
    expect(toShiftJis('か\u3099 〜 − — ¥').replaced).toBe(0)
  })
})
