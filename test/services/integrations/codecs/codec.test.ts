import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  codecModels,
  codecNames,
  decodeFrame,
  type CodecName,
} from '../../../../services/integrations/codecs/codec.ts'
import { runs } from '../../../support/runs.ts'
import { fromHex } from './decode-hex.ts'

const cases = codecNames.flatMap((codec) =>
  (codecModels[codec] ?? ['any']).map((model) => ({ codec, model })),
)
const ports = [1, 2, 3, 4, 5, 85]

/** What frames of a codec begin with, or are made of, so that random ones reach further than their first byte. */
const beginnings: Record<CodecName, string[]> = {
  milesight:
    '0175 0367 03c8 0468 04ca 057f 05e1 8367 83d7 85e1 20ce 21ce 20dc 20dd 20e0 08db ff0e 800e ff19 fe1d fe6a fe92 ff12 0bf5'.split(
      ' ',
    ),
  dragino: ['0e12000009570898', '0e12000000000400', '0e1202000000050000020a', '0e1204000000050000020a'],
  decentlab: ['0202f80003', '0202f80001', '0202f80002'],
  sensecap: ['01', '02', '03', '04', '05', '06', '10', '4a', '4b', '4c', '010110', '010700'],
  'cayenne-lpp': ['0100', '0202', '0365', '0467', '0571', '0673', '0786', '0888'],
}
const framesOf = (codec: CodecName) =>
  fc
    .array(fc.tuple(fc.constantFrom(...beginnings[codec], ''), fc.uint8Array({ maxLength: 12 })), {
      maxLength: 5,
    })
    .map((pieces) => Uint8Array.from(pieces.flatMap(([beginning, more]) => [...fromHex(beginning), ...more])))

/** A frame of each kind that is long and complete. */
const wholeFrames = [
  {
    codec: 'milesight',
    model: 'EM500-SMTC',
    fPort: 85,
    hex: '01756403671901046873057FF00020CE9E744663F00019017300',
  },
  {
    codec: 'milesight',
    model: 'EM300-DI',
    fPort: 85,
    hex: '01755C0367340104686520CE9E74466310015D020000010000',
  },
  { codec: 'milesight', model: 'UC511', fPort: 85, hex: '01755C03010004C80500000020CE3FA109641700000000' },
  {
    codec: 'milesight',
    model: 'UC300',
    fPort: 85,
    hex: '03C80A00000020DC3FA109640300010A000000000100000009670201',
  },
  { codec: 'dragino', model: 'LSE01', fPort: 2, hex: 'CE2900F107A5099B00C810' },
  { codec: 'dragino', model: 'LSN50v2', fPort: 2, hex: '0CEE7FFF00000000D6028C' },
  { codec: 'decentlab', model: 'DL-TRS12', fPort: 1, hex: '0210d3000346be813d00000c80' },
  { codec: 'sensecap', model: 'S2101', fPort: 2, hex: '01011098530000010210a87a0000af51' },
  { codec: 'sensecap', model: 'S2120', fPort: 3, hex: '0100f43700005dc005000c02010e0000096027940364' },
  { codec: 'cayenne-lpp', model: 'any', fPort: 1, hex: '036701100567 00FF 0C8807FD8700BEF500086A' },
] as const

/** Paths of numbers that JSON does not have. */
function notJson(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path]
  if (value === undefined) return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => notJson(inner, `${path}.${key}`))
}

describe('a codec', () => {
  it('is one of a closed list and knows its models', () => {
    expect(codecNames).toEqual(['milesight', 'dragino', 'decentlab', 'sensecap', 'cayenne-lpp'])
    expect(cases).toHaveLength(11 + 8 + 13 + 4 + 1)
  })

  it.each(cases)(
    '$codec $model: any bytes on any port give JSON or a fault with a place',
    ({ codec, model }) => {
      fc.assert(
        fc.property(fc.constantFrom(...ports), framesOf(codec), (fPort, bytes) => {
          const result = decodeFrame(codec, model, fPort, bytes)
          if (result.ok) expect(notJson(result.value)).toEqual([])
          else expect(result.error).toMatch(/^(byte \d+: |fPort \d+: |frame: expected bytes, got none$)/)
        }),
        { numRuns: runs(2000) },
      )
    },
  )

  it.each(wholeFrames)(
    '$codec $model: a frame in a larger buffer is read by itself',
    ({ codec, model, fPort, hex }) => {
      const frame = fromHex(hex)
      const larger = new Uint8Array(frame.length + 8).fill(0xff)
      larger.set(frame, 4)
      const alone = decodeFrame(codec, model, fPort, frame)
      expect(alone.ok).toBe(true)
      expect(decodeFrame(codec, model, fPort, larger.subarray(4, 4 + frame.length))).toEqual(alone)
    },
  )

  it.each(wholeFrames)(
    '$codec $model: a cut frame gives a fault, or the channels before the cut',
    ({ codec, model, fPort, hex }) => {
      const frame = fromHex(hex)
      const whole = decodeFrame(codec, model, fPort, frame)
      if (!whole.ok) throw new Error(whole.error)
      const faults = []
      for (let length = 0; length < frame.length; length++) {
        const cut = decodeFrame(codec, model, fPort, frame.subarray(0, length))
        if (!cut.ok) faults.push(cut.error)
        else
          for (const [name, value] of Object.entries(cut.value))
            if (name !== 'payload' && name !== 'messages') expect(whole.value[name]).toEqual(value)
      }
      // a cut between two channels is a frame of its own
      expect(faults.length).toBeGreaterThanOrEqual(frame.length * 0.6)
    },
  )

  it.each(wholeFrames)('$codec $model: one byte too many is a fault', ({ codec, model, fPort, hex }) => {
    const result = decodeFrame(codec, model, fPort, Uint8Array.from([...fromHex(hex), 0]))
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(/^byte \d+: /) })
  })

  it('gives nothing of a frame with an unknown channel in it', () => {
    expect(decodeFrame('milesight', 'EM500-SMTC', 85, fromHex('017564 03671901 0999AA'))).toEqual({
      ok: false,
      error: 'byte 7: channel 09 99 of EM500-SMTC is unknown (aa follows)',
    })
  })

  it('says that it does not know a model', () => {
    for (const codec of codecNames.filter((name) => codecModels[name] !== null))
      expect(decodeFrame(codec, 'Toaster', 2, fromHex('01'))).toEqual({
        ok: false,
        error: `model: expected one that the codec ${codec} knows, got Toaster`,
      })
  })
})

describe('numbers of a Milesight channel', () => {
  it('come back as they were written, for every value', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), fc.nat(0xffffffff), (tenths, count) => {
        const frame = Buffer.alloc(10)
        frame.set([0x03, 0x67])
        frame.writeInt16LE(tenths, 2)
        frame.set([0x05, 0xc8], 4)
        frame.writeUInt32LE(count, 6)
        expect(decodeFrame('milesight', 'EM300-DI', 85, frame)).toEqual({
          ok: true,
          value: { temperature: tenths / 10, pulse: count },
        })
      }),
      { numRuns: runs(1000) },
    )
  })
})
