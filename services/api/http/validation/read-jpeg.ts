/**
 * Reads a JPEG segment by segment, from the first marker to the last (ITU-T T.81, Annex B), and writes it again without
 * its metadata: no EXIF with the place of the photo, no comments, no bytes after the end. The image data is never decoded
 * here: only a browser shows it. Pure.
 */
import { err, ok, type Result } from '../../../../broker/contract/result.ts'

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda // compressed data follows
const FRAMES = new Set([0xc0, 0xc1, 0xc2]) // baseline, extended, progressive
// everything that decoding needs: frames, tables, restart intervals, scans
const DECODING = new Set([...FRAMES, 0xc4, 0xdb, 0xdd, SOS])
const APP0_JFIF = 0xe0
const APP2_COLOUR_PROFILE = 0xe2
const APP14_COLOUR_TRANSFORM = 0xee

/** The picture without its metadata; `mostPx`: limit of its longer side. */
export function readJpeg(bytes: Uint8Array, mostPx: number): Result<Buffer> {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (source[0] !== 0xff || source[1] !== SOI || source.at(-2) !== 0xff || source.at(-1) !== EOI)
    return err('expected a complete JPEG, got other bytes')
  const kept: Buffer[] = [source.subarray(0, 2)]
  let size: { width: number; height: number } | null = null
  let hasScan = false
  for (let offset = 2; ;) {
    while (source[offset] === 0xff && source[offset + 1] === 0xff) offset++ // fill bytes (B.1.1.2)
    const marker = source[offset] === 0xff ? source[offset + 1] : undefined
    if (marker === EOI) break
    const end = offset + 2 + (offset + 4 <= source.length ? source.readUInt16BE(offset + 2) : 0)
    if (marker === undefined || end < offset + 4 || end > source.length - 2) return NO_FRAME
    const segment = source.subarray(offset, end)
    if (FRAMES.has(marker)) {
      if (segment.length < 9) return NO_FRAME
      size = { height: segment.readUInt16BE(5), width: segment.readUInt16BE(7) }
    } else if (!DECODING.has(marker) && marker < APP0_JFIF) return NO_FRAME
    if (isNeeded(marker, segment)) kept.push(segment)
    offset = end
    if (marker !== SOS) continue
    if (size === null) return NO_FRAME
    hasScan = true
    offset = endOfScan(source, end)
    kept.push(source.subarray(end, offset))
  }
  if (size === null || !hasScan) return NO_FRAME
  const { width, height } = size
  if (width < 1 || height < 1) return err('expected a picture with a width and a height, got 0')
  if (Math.max(width, height) > mostPx)
    return err(`expected at most ${mostPx} pixels on its longer side, got ${width} x ${height}`)
  return ok(Buffer.concat([...kept, END]))
}

const END = Buffer.from([0xff, EOI])
const NO_FRAME = err('expected a JPEG with a frame that browsers support, got another')

/** What decodes the picture, and what its colours mean; not EXIF, XMP, IPTC, comments or unknown data. */
const isNeeded = (marker: number, segment: Buffer): boolean =>
  DECODING.has(marker) ||
  (marker === APP0_JFIF && segment.toString('latin1', 4, 9) === 'JFIF\0') ||
  (marker === APP2_COLOUR_PROFILE && segment.toString('latin1', 4, 16) === 'ICC_PROFILE\0') ||
  (marker === APP14_COLOUR_TRANSFORM && segment.toString('latin1', 4, 9) === 'Adobe')

/** The next marker that is neither a stuffed 0xff nor a restart (B.1.1.3, B.1.1.5). */
function endOfScan(source: Buffer, from: number): number {
  for (let offset = source.indexOf(0xff, from); ; offset = source.indexOf(0xff, offset + 1)) {
    const next = source[offset + 1]!
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return offset
  }
}

const THUMB_PX = 200
const PICTURE_PX = 1_280

export interface PhotoText {
  thumbnail: string // base64
  picture: string
}

/** Both sizes of a photo without their metadata; the error names the one that cannot be used. */
export function readPhoto({ thumbnail, picture }: PhotoText): Result<PhotoText> {
  const small = readJpeg(Buffer.from(thumbnail, 'base64'), THUMB_PX)
  if (!small.ok) return err(`thumbnail: ${small.error}`)
  const large = readJpeg(Buffer.from(picture, 'base64'), PICTURE_PX)
  if (!large.ok) return err(`picture: ${large.error}`)
  return ok({ thumbnail: small.value.toString('base64'), picture: large.value.toString('base64') })
}
