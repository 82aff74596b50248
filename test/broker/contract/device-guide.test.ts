/** The device guide describes the protocol as the code implements it: its examples, codes, reasons and list of rules. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalText, hasValidMac, macOf } from '../../../broker/contract/mac.ts'
import {
  Ack,
  parseAck,
  parseCommand,
  parseConfig,
  parseHeartbeat,
  parseLease,
  parseOnline,
  parseState,
  parseTelemetry,
} from '../../../broker/contract/messages.ts'
import type { Result } from '../../../broker/contract/result.ts'
import { passiveRules, groups } from '../../../broker/conform/trials.ts'

const guide = readFileSync(join(import.meta.dirname, '../../../docs/device-guide.md'), 'utf8')
const sectionOf = (title: string) => {
  const from = guide.indexOf(`## ${title}`)
  expect(from, `the guide has a section ${title}`).toBeGreaterThan(0)
  const to = guide.indexOf('\n## ', from + 3)
  return guide.slice(from, to < 0 ? undefined : to)
}
const controllers = sectionOf('4. Controllers')
const codes = sectionOf('Authentication codes')
const exampleKey = /`([0-9a-f]{64})`/.exec(codes)![1]!

const readers: Record<string, (text: string) => Result<unknown>> = {
  telemetry: parseTelemetry,
  online: parseOnline,
  state: parseState,
  heartbeat: parseHeartbeat,
  ack: parseAck,
  command: parseCommand,
  lease: parseLease,
  config: parseConfig,
}
const examples = [...controllers.matchAll(/<!-- message: (\w+) -->\n```json\n([\s\S]*?)```/g)].map(
  ([, kind, text]) => ({ kind: kind!, text: text! }),
)

describe('the examples of the guide', () => {
  it('are marked with their kind, one of every kind that a controller publishes or receives', () => {
    expect([...controllers.matchAll(/```json/g)]).toHaveLength(examples.length)
    const kinds = new Set(examples.map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(
      Object.keys(readers)
        .filter((kind) => kind !== 'telemetry')
        .sort(),
    )
    const ops = examples
      .filter(({ kind }) => kind === 'command')
      .map(({ text }) => (JSON.parse(text) as { op: string }).op)
    expect(new Set(ops)).toEqual(new Set(['open', 'close', 'journal-ack', 'clear']))
  })

  it.each(examples)('$kind $text is read by the contract unchanged', ({ kind, text }) => {
    expect(readers[kind]!(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown })
    const message = JSON.parse(text) as { mac?: string }
    if (message.mac !== undefined) expect(hasValidMac(exampleKey, message as never)).toBe(true)
  })
})

describe('the codes of the guide', () => {
  const rows = [...codes.matchAll(/^\| `(\[.*\])` \| `([0-9a-f]+)` \|$/gm)].map(([, text, mac]) => ({
    text: text!,
    mac: mac!,
  }))

  it('exist for every kind', () =>
    expect(new Set(rows.map(({ text }) => (JSON.parse(text) as string[])[0]))).toEqual(
      new Set(['open', 'close', 'journal-ack', 'clear', 'lease']),
    ))

  it.each(rows)('$text', ({ text, mac }) => {
    const whole = createHmac('sha256', Buffer.from(exampleKey, 'hex')).update(text).digest('hex')
    expect(mac).toBe(whole.slice(0, 32))
  })

  it('are those of the examples, signed by the code', () => {
    for (const { text } of examples) {
      const { mac, ...message } = JSON.parse(text) as { mac?: string }
      if (mac === undefined) continue
      expect(macOf(exampleKey, message as never)).toBe(mac)
      expect(rows.map((row) => row.text)).toContain(canonicalText(message as never))
    }
  })
})

describe('the omissions of the guide', () => {
  it('include no reason of an ack', () => {
    const { enum: reasons } = Ack.properties.why as unknown as { enum: string[] }
    expect(reasons.length).toBeGreaterThan(10)
    // a power cut is in the journal, in quotes
    const isNamed = (why: string) =>
      controllers.includes(`\`${why}\``) || controllers.includes(`"why":"${why}"`)
    expect(reasons.filter((why) => !isNamed(why))).toEqual([])
  })

  it('include no rule of conform, and the guide lists no other', () => {
    const rows = [...sectionOf('6. Try your controller').matchAll(/^\| `([\w-]+)` \| (.*) \|$/gm)]
    const listed = rows.map(([, rule, requirement]) => `${rule}: ${requirement}`)
    const tested = [...groups().flatMap(({ trials }) => trials), ...passiveRules].map(
      ({ rule, requirement }) => `${rule}: ${requirement}`,
    )
    expect(listed).toEqual(tested)
  })
})
