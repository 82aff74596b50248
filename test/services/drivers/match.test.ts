import { describe, expect, it } from 'vitest'
import { evaluateMatch, valuesAt } from '../../../services/drivers/match.ts'

const fields = (payload: string, wanted: Record<string, string | number | boolean | null>) =>
  evaluateMatch({ fields: wanted }, payload)

describe('a message', () => {
  it('matches by every path, differs by one, and says nothing of a path that it lacks', () => {
    const payload = '{"id":42,"result":{"was_on":false}}'
    expect(fields(payload, { id: 42, 'result.was_on': false })).toBe('matches')
    expect(fields(payload, { id: 42, 'result.was_on': true })).toBe('differs')
    expect(fields(payload, { id: 43, 'result.output': true })).toBe('absent')
  })
  it('POWER1|POWER: a device with one relay says POWER', () => {
    expect(fields('{"POWER":"ON"}', { 'POWER1|POWER': 'ON' })).toBe('matches')
    expect(fields('{"POWER1":"OFF","POWER2":"ON"}', { 'POWER1|POWER': 'ON' })).toBe('differs')
    expect(fields('{"POWER2":"ON"}', { 'POWER1|POWER': 'ON' })).toBe('absent')
  })
  it('sbits[0]&1: the bit of an OpenSprinkler station; ps[0][0]: an entry of an entry', () => {
    const payload = '{"sbits":[5,0],"ps":[[99,5,1795951496,0]]}'
    expect(fields(payload, { 'sbits[0]&1': 1, 'ps[0][0]': 99 })).toBe('matches')
    expect(fields(payload, { 'sbits[0]&2': 2 })).toBe('differs')
    expect(fields(payload, { 'sbits[0]&4': 4 })).toBe('matches')
    expect(fields(payload, { 'sbits[2]&1': 1 })).toBe('absent')
    expect(fields('{"sbits":["x"]}', { 'sbits[0]&1': 0 })).toBe('absent')
  })
  it('correlation_ids[*]: any entry of a list', () => {
    const payload = '{"correlation_ids":["as:1","tilth:2"]}'
    expect(fields(payload, { 'correlation_ids[*]': 'tilth:2' })).toBe('matches')
    expect(fields(payload, { 'correlation_ids[*]': 'tilth:3' })).toBe('differs')
  })
  it('a key with a colon is a key', () =>
    expect(fields('{"params":{"switch:0":{"output":false}}}', { 'params.switch:0.output': false })).toBe(
      'matches',
    ))
  it('as plain text, with spaces around it, matches a text', () => {
    expect(evaluateMatch({ equals: 'ON' }, ' ON\n')).toBe('matches')
    expect(evaluateMatch({ equals: 'ON' }, 'OFF')).toBe('differs')
    expect(evaluateMatch({ equals: '600' }, '600.0')).toBe('matches')
    expect(evaluateMatch({ equals: '600' }, '600 s')).toBe('differs')
  })
  it('a number as text is the number, another text is not', () => {
    expect(fields('{"timer":"10"}', { timer: 10 })).toBe('matches')
    expect(fields('{"timer":"10 min"}', { timer: 10 })).toBe('differs')
    expect(fields('{"timer":true}', { timer: 1 })).toBe('differs')
    expect(fields('{"timer":null}', { timer: 0 })).toBe('differs')
  })
  it('holds a frame anywhere in its bytes', () => {
    const data = Buffer.from('017564fe1da00758020000000000', 'hex').toString('base64')
    const match = { frame: 'fe1da00758020000000000', at: 'data' }
    expect(evaluateMatch(match, JSON.stringify({ data }))).toBe('matches')
    expect(evaluateMatch({ ...match, frame: 'fe1da008' }, JSON.stringify({ data }))).toBe('absent')
    expect(evaluateMatch(match, '{"data":5}')).toBe('absent')
  })
  it.each(['', 'ON', '[]', 'null', '{"__proto__":1}', '{"a":'])('%s has no such path', (payload) => {
    expect(fields(payload, { state: 'ON' })).toBe('absent')
    expect(fields(payload, { 'constructor.name': 'Object' })).toBe('absent')
  })
  it('an empty path is the message itself', () => expect(valuesAt(5, '')).toEqual([5]))
})
