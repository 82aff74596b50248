import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { schemas } from '../../broker/contract/messages.ts'
import { schemaFiles } from '../../docs/schema-files.ts'

const folder = join(import.meta.dirname, '../../docs/schemas')

describe('the published schemas', () => {
  it.each([...schemaFiles()])('%s matches what the program reads (npm run schemas)', (name, text) => {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
  })

  it('are complete, and there are no others', () => {
    expect(readdirSync(folder).sort()).toEqual([...schemaFiles().keys()].sort())
  })
})

// v1 only grows: a key that devices send or read may be added here, never taken away
describe('version 1 of the wire keeps its keys', () => {
  const keys = (schema: unknown): string[] => {
    const { properties, anyOf } = schema as { properties?: object; anyOf?: unknown[] }
    return properties ? Object.keys(properties) : (anyOf ?? []).flatMap(keys)
  }
  it.each([
    ['telemetry', ['v', 'n', 'boot', 'monoMs', 'time', 'measurements', 'battery']],
    ['online', ['on', 'sess']],
    ['state', ['v', 'sess', 'sv', 'monoMs', 'last', 'valves', 'jr', 'capMs', 'fw', 'utcOk']],
    ['heartbeat', ['sess', 'n', 'monoMs']],
    ['lease', ['sess', 'n', 'mac']],
    [
      'command',
      ['op', 'id', 'valve', 'seq', 'durMs', 'litres', 'sess', 'n', 'expMonoMs', 'mac', 'of', 'force'],
    ],
    ['ack', ['sess', 'valve', 'seq', 'st', 'why', 'ranMs', 'litres', 'last', 'jr', 'sv']],
    ['config', ['v', 'version', 'sampleS', 'capMs']],
  ] as const)('%s', (kind, expected) => {
    expect(keys(schemas[kind])).toEqual(expect.arrayContaining([...expected]))
  })
})
