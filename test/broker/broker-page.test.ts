/** docs/broker.md: the tests it names exist, its limits are those of the code, and no line of H1 to H19 is missing. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { limitsTable, parseLimits, standardLimits } from '../../broker/access/limits.ts'
import { cells } from './access/cells.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/broker.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
const lines = rows.filter(([, , , shownBy]) => shownBy?.startsWith('`test/'))

describe('docs/broker.md', () => {
  it('has a line for each of H1 to H19, and for TLS', () => {
    const names = lines.map(([, name]) => name)
    const wanted = Array.from({ length: 19 }, (_, i) => `H${i + 1}`)
    expect(names.filter((name) => /^H\d+$/.test(name!))).toEqual(wanted)
    expect(names).toContain('TLS')
  })

  it.each(lines.map(([, name, , shownBy]) => [name!, shownBy!] as const))(
    '%s: each named test exists',
    (_name, shownBy) => {
      const named = shownBy.split('<br>')
      for (const each of named) {
        const [, file, title] = /^`(test\/\S+)` "(.+)"$/.exec(each) ?? []
        expect(file, each).toBeDefined()
        expect(existsSync(join(root, file!)), file).toBe(true)
        // a quote inside a title is written with a backslash where the title stands between single quotes
        const source = readFileSync(join(root, file!), 'utf8').replaceAll("\\'", "'")
        expect(source.includes(title!), each).toBe(true)
      }
    },
  )

  it('states every limit with its value in the code', () => {
    const told = rows.filter(([, name]) => (name?.slice(1, -1) as string) in limitsTable)
    expect(told.map(([, name, standard, purpose]) => [name, standard, purpose])).toEqual(
      Object.entries(limitsTable).map(([name, [standard, purpose]]) => [
        `\`${name}\``,
        `${standard}`,
        purpose,
      ]),
    )
  })

  it('its setting for a fleet behind one address is valid, and gives unauthenticated clients no more room', () => {
    const setting = /^MQTT_LIMITS=(\S+) npm start$/m.exec(page)![1]!
    const limits = parseLimits(setting)
    if (!limits.ok) throw new Error(limits.error)
    expect(limits.value['per-address']).toBeGreaterThanOrEqual(10_000)
    expect(limits.value['per-org']).toBeGreaterThanOrEqual(10_000)
    for (const name of [
      'connects',
      'waiting',
      'lag',
      'first-delay',
      'longest-delay',
      'burst',
      'packets',
    ] as const)
      expect(limits.value[name], name).toBe(standardLimits[name])
  })

  it('states the right number of cells of the access list', () => {
    expect(page).toContain(`${cells.length.toLocaleString('en-US')} cells`)
  })
})
