import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { prettyLine } from '../../../services/runtime/logger.ts'

const shown = (line: object) => stripVTControlCharacters(prettyLine(JSON.stringify(line)))

it('a terminal shows time, level, text and fields on one line', () => {
  const line = {
    level: 40,
    time: '2026-07-06T05:06:07.000Z',
    where: 'the built-in broker',
    n: 3,
    msg: 'bus lost',
  }
  expect(shown(line)).toMatch(/^\d\d:06:07 warn {2}bus lost where=the built-in broker n=3\n$/)
})

it('an error is shown with its message and its stack below', () => {
  const error = {
    message: 'disk full',
    stack: 'Error: disk full\n    at append (a.ts:1:2)\n    at run (b.ts:3:4)',
  }
  const line = { level: 50, time: '2026-07-06T05:06:07.000Z', error, msg: 'append failed' }
  expect(shown(line).split('\n').slice(0, 3)).toEqual([
    expect.stringMatching(/error append failed disk full$/),
    '  at append (a.ts:1:2)',
    '  at run (b.ts:3:4)',
  ])
})
