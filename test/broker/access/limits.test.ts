/** The setting MQTT_LIMITS: its effect, and its errors. */
import { describe, expect, it } from 'vitest'
import { limitsTable, noLimits, parseLimits, standardLimits } from '../../../broker/access/limits.ts'

describe('MQTT_LIMITS', () => {
  it('changes the named limits, and leaves the others unchanged', () => {
    expect(parseLimits('packets=20, per-address = 5000')).toEqual({
      ok: true,
      value: { ...standardLimits, packets: 20, 'per-address': 5_000 },
    })
    for (const nothing of ['', ' ', ',', 'packets=5'])
      expect(parseLimits(nothing)).toEqual({ ok: true, value: standardLimits })
  })

  it('none disables them all, and a failed sign-in gets its response at once', () => {
    expect(parseLimits('none')).toEqual({ ok: true, value: noLimits })
    expect(noLimits['longest-delay']).toBe(0)
    expect(noLimits.packets).toBe(Infinity)
  })

  it('names the unknown limit, and the existing ones', () => {
    for (const name of ['speed', 'toString', '__proto__', ''])
      expect(parseLimits(`${name}=3`)).toEqual({
        ok: false,
        error: `must name ${Object.keys(limitsTable).join(', ')} or be none, got ${name}`,
      })
  })

  it.each([
    ['packets', 'nothing'],
    ['packets=', ''],
    ['packets=0', '0'],
    ['packets=-1', '-1'],
    ['packets=1.5', '1.5'],
    ['packets=1e3', '1e3'],
    ['packets=many', 'many'],
    ['packets=9999999999', '9999999999'],
  ])('%s: a limit is a whole number from 1', (text, got) => {
    const read = parseLimits(text)
    expect(read).toEqual({ ok: false, error: `packets must be a whole number from 1, got ${got}` })
  })
})
