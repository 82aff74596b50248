import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newClaimCode } from '../../../broker/contract/claim-code.ts'
import { claimLabel, parseClaimLabel } from '../../../broker/contract/claim-label.ts'

const code = 'K3QF-7M2P-XR4T-9WBA-CDF0'

describe('the label of a device', () => {
  it('contains its claim code, and optionally its kind and its outputs', () => {
    expect(parseClaimLabel(`tilth:claim?code=${code}`)).toEqual({
      ok: true,
      value: { code, kind: null, valves: [] },
    })
    expect(parseClaimLabel(`tilth:claim?code=${code}&kind=controller&valves=V1,V2`)).toEqual({
      ok: true,
      value: { code, kind: 'controller', valves: ['V1', 'V2'] },
    })
  })

  it('is read as printed, for any code, kind and outputs', () => {
    const byte = fc.uint8Array({ minLength: 19, maxLength: 19 })
    const kind = fc.constantFrom(null, 'probe' as const, 'station' as const, 'controller' as const)
    const valves = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/), { maxLength: 8 })
    fc.assert(
      fc.property(byte, kind, valves, (bytes, kind, valves) => {
        let tries = 0
        // a draw whose check symbol does not exist is drawn again
        const code = newClaimCode(() => bytes.map((each) => each + tries++))
        const label = { code, kind, valves }
        expect(parseClaimLabel(claimLabel(label))).toEqual({ ok: true, value: label })
      }),
    )
  })

  it.each([
    ['a bare code, as a person types it', code.toLowerCase().replaceAll('-', ' ')],
    ['a scheme in capitals, as on some printers', `TILTH:CLAIM?code=${code}`],
    ['a label with fields of a later version', `tilth:claim?v=2&code=${code}&colour=red&kind=drone`],
  ])('may be %s', (_, text) => {
    expect(parseClaimLabel(text)).toEqual({ ok: true, value: { code, kind: null, valves: [] } })
  })

  it.each([
    ['of another kind', 'https://example.org/manual', 'code: '],
    ['without a code', 'tilth:claim?kind=probe', 'code: expected 20'],
    ['that was misprinted', `tilth:claim?code=${code.slice(0, -1)}1`, 'code: its last symbol'],
    [
      'with an output that no topic can name',
      `tilth:claim?code=${code}&valves=V%2F1`,
      'valves: expected names',
    ],
    ['above the longest length', `tilth:claim?code=${'x'.repeat(3_000)}`, 'label: expected 2000'],
  ])('%s gets the reason', (_, text, reason) => {
    expect(parseClaimLabel(text)).toEqual({ ok: false, error: expect.stringContaining(reason) as string })
  })
})
