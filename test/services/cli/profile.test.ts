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
  function run(...args: string[]): { code: number; text: string } {
    const lines: string[] = []
    const code = runProfile(args, (line) => lines.push(line))
    return { code, text: lines.join('\n') }
  }

  it('shows address, time and key of a message, the profile that fits, and its values', () => {
    const { code, text } = run('try', write('unknown.txt', file))
    expect(code).toBe(0)
    expect(text).toContain('address   lw:24e124126a148401')
    expect(text).toContain('fits      milesight-em500-smtc@1')
    expect(text).toContain('soil.moisture at 30 cm: 57.5 % vol')
  })

  it('passes a folder of vectors, and exits with 1 and the difference when one differs', () => {
    write('right.json', { ...file, profile: 'milesight-em500-smtc', expect: expected })
    expect(run('--vectors', folder)).toMatchObject({ code: 0 })
    const wrong = { ...expected, battery: { value: 99, unit: '%' } }
    write('wrong.json', { ...file, profile: 'milesight-em500-smtc', expect: wrong })
    const { code, text } = run('--vectors', folder)
    expect(code).toBe(1)
    expect(text).toContain('batteries: expected 99 % -')
    expect(text).toContain('1 of 2 vectors')
    expect(JSON.parse(run('--vectors', folder, '--json').text)).toMatchObject({
      pass: false,
      passed: 1,
      vectors: 2,
    })
  })

  it('says what is wrong with its arguments', () => {
    expect(run('try', join(folder, 'none.json'))).toMatchObject({
      code: 2,
      text: expect.stringContaining('no file') as string,
    })
    expect(run('try', write('x.txt', file), '--profile', 'no-such').text).toContain(
      'there is no profile no-such',
    )
    expect(run()).toMatchObject({ code: 2, text: expect.stringContaining('usage') as string })
  })
})
