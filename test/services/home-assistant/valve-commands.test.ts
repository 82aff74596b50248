import { describe, expect, it } from 'vitest'
import { valveOfCommand } from '../../../services/home-assistant/topics.ts'
import { judgeCommand, type ReceivedCommand } from '../../../services/home-assistant/valve-commands.ts'
import { fieldSummary } from './field-summary.ts'

const [first, second] = fieldSummary.valves
const judge = (changes: Partial<ReceivedCommand>) =>
  judgeCommand({
    valve: first,
    field: fieldSummary,
    payload: 'OPEN',
    isRetained: false,
    atMs: 100_000,
    lastOpenMs: null,
    ...changes,
  })

describe('a command of Home Assistant', () => {
  it('opens for the minutes of the next run, at most 30, at most what the zone allows', () => {
    expect(judge({})).toEqual({ do: 'open', zoneId: 'z1', minutes: 30 })
    expect(judge({ valve: second })).toEqual({ do: 'open', zoneId: 'z2', minutes: 20 })
    const short = { nextRun: { atMs: 0, mm: 2, minutes: 7.4 } }
    expect(judge({ field: short })).toMatchObject({ minutes: 7 })
    expect(judge({ field: { nextRun: null } })).toMatchObject({ minutes: 30 })
  })

  it('closes always', () => {
    for (const payload of ['CLOSE', 'STOP'])
      expect(judge({ payload, isRetained: true, lastOpenMs: 99_999 })).toEqual({ do: 'close', zoneId: 'z1' })
  })

  it.each<[string, Partial<ReceivedCommand>]>([
    ['of a valve that no zone has', { valve: undefined }],
    ['that is retained', { isRetained: true }],
    ['repeated within five seconds', { lastOpenMs: 95_001 }],
    ['with another payload', { payload: 'open' }],
    ['with an empty payload', { payload: '' }],
  ])('%s is refused', (_name, changes) => {
    expect(judge(changes)).toHaveProperty('refused')
  })

  it('is repeated after five seconds', () =>
    expect(judge({ lastOpenMs: 95_000 })).toHaveProperty('do', 'open'))

  it('names its valve by the topic', () => {
    expect(valveOfCommand('a/b', 'a/b/valve/C1/V1/set')).toEqual({ controllerId: 'C1', valve: 'V1' })
    for (const topic of [
      'a/b/valve/C1/V1',
      'a/b/valve/C1/V1/set/x',
      'a/c/valve/C1/V1/set',
      'a/b/field/C1/V1/set',
    ])
      expect(valveOfCommand('a/b', topic)).toBeNull()
  })
})
