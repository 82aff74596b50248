import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chunks } from '../../../../services/api/http/stream-chunks.ts'

it('returns the same text in few pieces, and none for an empty text', async () => {
  const texts = fc.array(fc.string({ maxLength: 5_000, size: 'max' }), { maxLength: 40, size: 'max' })
  await fc.assert(
    fc.asyncProperty(texts, async (sent) => {
      const got = await Readable.from(chunks(Readable.from(sent.filter((text) => text !== '')))).toArray()
      expect(got.join('')).toBe(sent.join(''))
      // each but the last is full, none is longer than one text beyond that
      for (const piece of got.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(16_384)
      for (const piece of got) expect(piece.length).toBeLessThan(16_384 + 5_000)
    }),
  )
})
