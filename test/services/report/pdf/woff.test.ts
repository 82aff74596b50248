/** The fonts of a PDF, unwrapped from their WOFF files: each table has the checksum that its font states. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { fontRuns } from '../../../../services/report/pdf/fonts.ts'
import { unwrapWoff } from '../../../../services/report/pdf/woff.ts'

/** OpenType 1.9, "Calculating Checksums": the sum of the words; in `head` without the checksum of the whole file. */
function checksumOf(tag: string, bytes: Buffer): number {
  const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
  if (tag === 'head') padded.writeUInt32BE(0, 8)
  let sum = 0
  for (let at = 0; at < padded.length; at += 4) sum = (sum + padded.readUInt32BE(at)) >>> 0
  return sum
}

it.each(['Tilth', '水', 'ア', '髙'])('the font of %s has all its tables, unchanged', (text) => {
  const { file } = fontRuns(text)[0]!
  const woff = readFileSync(createRequire(import.meta.url).resolve(file))
  const font = unwrapWoff(woff)
  expect(font.length).toBe(woff.readUInt32BE(16)) // what the file states of itself
  const tags: string[] = []
  for (let n = 0; n < font.readUInt16BE(4); n++) {
    const entry = 12 + 16 * n
    const tag = font.toString('latin1', entry, entry + 4)
    const [checksum, from, length] = [4, 8, 12].map((at) => font.readUInt32BE(entry + at))
    expect([tag, checksumOf(tag, font.subarray(from, from! + length!))]).toEqual([tag, checksum])
    tags.push(tag)
  }
  expect(tags).toEqual(expect.arrayContaining(['cmap', 'glyf', 'head', 'hmtx', 'loca', 'maxp']))
})
