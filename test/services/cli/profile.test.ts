import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProfile } from '../../../services/cli/profile/main.ts'
import { chirpstackUplink, RECEIVED_MS } from '../integrations/messages.ts'

const message = chirpstackUplink('24e124126a148401')
const file = {
  topic: message.topic,
  payload: Buffer.from(message.payload).toString(),
  receivedAt: new Date(RECEIVED_MS).toISOString(),
  assignment: { depthCm: 30 },
}
const expected = {
  measurements: [
    { quantity: 'soil.moisture', value: 57.5, depth: 30 },
    { quantity: 'soil.temperature', value: 28.1, depth: 30 },
    { quantity: 'soil.ec', value: 0.24, depth: 30 },
  ],
  battery: { value: 100, unit: '%' },
}

describe('npm run profile', () => {
  let folder: string
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'tilth-vectors-'))))
  afterAll(() => rmSync(folder, { recursive: true }))

  const write = (name: string, content: object): string => {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify(content))
    return path
  }
  async function run(...args: string[]): Promise<{ code: number; text: string }> {
    const lines: string[] = []
    const code = await runProfile(args, (line) => lines.push(line))
    return { code, text: lines.join('\n') }
  }

  it('shows address, time and key of a message, the profile that fits, and its values', async () => {
    const { code, text } = await run('try', write('unknown.txt', file))
    expect(code).toBe(0)
    expect(text).toContain('address   lw:24e124126a148401')
    expect(text).toContain('fits      milesight-em500-smtc@1')
    expect(text).toContain('soil.moisture at 30 cm: 57.5 % vol')
  })

  it('passes a folder of vectors, and exits with 1 and the difference when one differs', async () => {
    write('right.json', { ...file, profile: 'milesight-em500-smtc', expect: expected })
    expect(await run('--vectors', folder)).toMatchObject({ code: 0 })
    const wrong = { ...expected, battery: { value: 99, unit: '%' } }
    write('wrong.json', { ...file, profile: 'milesight-em500-smtc', expect: wrong })
    const { code, text } = await run('--vectors', folder)
    expect(code).toBe(1)
    expect(text).toContain('batteries: expected 99 % -')
    expect(text).toContain('stored battery: expected 99 %, got 100')
    expect(text).toMatch(/decoded and stored as expected +1 of 2 +FAIL/)
    expect(text).toMatch(/stored once when they are sent twice +2 of 2 +pass/)
    expect(JSON.parse((await run('--vectors', folder, '--json')).text)).toMatchObject({
      pass: false,
      figures: [
        { value: 1, target: 2, pass: false },
        { value: 2, target: 2, pass: true },
        { value: 5, target: 5, pass: true },
      ],
    })
    rmSync(join(folder, 'wrong.json'))
  })

  it('names each thing that the stores hold and the vector does not expect, and the reverse', async () => {
    const vector = (name: string, expect: object, changes: object = {}) =>
      write(name, { ...file, profile: 'milesight-em500-smtc', expect, ...changes })
    const ownTime = { ...expected, atMs: RECEIVED_MS - 1 }
    vector('a.json', ownTime)
    vector('b.json', { ...expected, measurements: expected.measurements.slice(1) })
    vector('c.json', { ...expected, dedupeKey: 'lw:other', everyS: 60 })
    vector('d.json', { ...expected, deadLetter: 'no such reason' })
    vector('e.json', expected, { profile: null })
    vector('f.json', { measurements: [], heard: { address: 'lw:24e124126a148401' } }, { profile: null })
    const { text } = await run('--vectors', folder)
    expect(text).toContain(`atMs: expected ${RECEIVED_MS - 1}`)
    expect(text).toContain('stored readings: got soil.moisture 57.5 at 30 cm')
    expect(text).toContain('stored key: expected lw:other')
    expect(text).toContain('interval of the device: expected 60 s, got 1200 s')
    expect(text).toContain('stored dead letter: expected no such reason, got none')
    expect(text).toMatch(/^e +FAIL/m)
    expect(text).toContain('stored readings: expected soil.moisture 57.5 at 30 cm')
    expect(text).toMatch(/^f +pass +stored: kept, not assigned/m)
    for (const name of 'abcdef') rmSync(join(folder, `${name}.json`))
  })

  it('explains what is wrong with its arguments', async () => {
    expect(await run('try', join(folder, 'none.json'))).toMatchObject({
      code: 2,
      text: expect.stringContaining('no file') as string,
    })
    expect((await run('try', write('x.txt', file), '--profile', 'no-such')).text).toContain(
      'there is no profile no-such',
    )
    expect(await run()).toMatchObject({ code: 2, text: expect.stringContaining('usage') as string })
  })
})
