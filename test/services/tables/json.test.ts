import { describe, expect, it } from 'vitest'
import { isTilthError } from '../../../services/errors.ts'
import {
  readAlertParams,
  readLifecycle,
  readDecision,
  readOutputRule,
  readRainSkip,
  readZoneSchedule,
  toJson,
  unlessInvalid,
  type Json,
} from '../../../services/tables.ts'

/** Text as an older version, another program or a damaged disk could have left it. */
const stored = <T>(value: unknown): Json<T> => JSON.stringify(value) as Json<T>
const errorOf = (read: () => unknown): { code: string; message: string } => {
  try {
    read()
  } catch (error) {
    if (isTilthError(error)) return { code: error.code, message: error.message }
  }
  throw new Error('it was read')
}

describe('a JSON column', () => {
  it('is read as it was written', () => {
    const rainSkip = { key: 'rain-skip', mm: 4, byMs: 1_780_000_000_000, sinceDay: '2026-07-06' }
    expect(readRainSkip(toJson(rainSkip))).toEqual(rainSkip)
  })

  it('with an invalid value is an error that names table, column and path', () => {
    expect(errorOf(() => readRainSkip(stored({ key: 'rain-skip', mm: 'four', byMs: 1 })))).toEqual({
      code: 'INVALID_ROW',
      message: 'run.rainSkip: mm: must be number, got "four"',
    })
    const schedule = stored<never>({ windows: [{ fromMin: 60, toMin: 120 }, { fromMin: 60 }] })
    expect(errorOf(() => readZoneSchedule(schedule)).message).toMatch(/^zone\.schedule: windows\.1: .*toMin/)
  })

  it('of another type than an object is an error of the column itself', () => {
    expect(errorOf(() => readAlertParams(stored([])))).toMatchObject({ code: 'INVALID_ROW' })
    expect(errorOf(() => readAlertParams(stored(null))).message).toBe(
      'alert.params: value: must be object, got null',
    )
  })

  it('that is not JSON is a short error', () => {
    const text = `{"key": ${'x'.repeat(300)}` as Json<never>
    const { code, message } = errorOf(() => readDecision(text))
    expect(code).toBe('INVALID_ROW')
    expect(message).toMatch(/^decision\.body: not JSON/)
    expect(message.length).toBeLessThan(200)
  })

  it('names a rule of an output that does not exist', () => {
    expect(errorOf(() => readOutputRule(stored({ by: 'moon' }))).message).toMatch(/^auxOutput\.rule/)
  })

  it('of a command without its lifecycle is an error, not a command with holes', () => {
    expect(errorOf(() => readLifecycle(toJson({}))).message).toMatch(/^command\.lifecycle/)
  })

  it('that is invalid is reported, and work goes on without it', () => {
    const reported: string[] = []
    const params = unlessInvalid(
      () => readAlertParams(stored({ valve: { id: 'v1' } })),
      ({ message }) => reported.push(message),
    )
    expect(params).toBeNull()
    expect(reported).toEqual([expect.stringMatching(/^alert\.params: valve: /)])
  })

  it('that fails for another reason is no invalid row', () => {
    const broken = (): never => {
      throw new RangeError('a bug')
    }
    expect(() => unlessInvalid(broken)).toThrow('a bug')
  })
})
