/** What the bench may be asked: its lines by name, and the usage for anything else. */
import { describe, expect, it } from 'vitest'
import { lineNames, readOptions } from '../../bench/options.ts'

describe('npm run bench', () => {
  it('runs every line when none is named', () => {
    const read = readOptions([])
    expect(read.ok && read.value.lines).toEqual([...lineNames])
  })

  it('runs only the named lines, each once, in table order', () => {
    const read = readOptions(['crash', 'latency', 'crash', '--json'])
    expect(read.ok && read.value).toMatchObject({ lines: ['latency', 'crash'], isJson: true, isShort: false })
  })

  it('names the unknown line and the known ones', () => {
    expect(readOptions(['speed'])).toEqual({
      ok: false,
      error: `no line is called speed; there are ${lineNames.join(', ')}`,
    })
  })

  it('names the unknown option', () => {
    expect(readOptions(['--fast'])).toEqual({ ok: false, error: 'unknown option --fast' })
  })
})
