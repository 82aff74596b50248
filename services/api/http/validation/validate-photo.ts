/**
 * Whether bytes are a JPEG of the requested size: from the first marker to the last, with a frame between
 * (ITU-T T.81, Annex B). The image data is never decoded here: only a browser shows it. Pure.
 */
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda // compressed data follows
const FRAMES = new Set([0xc0, 0xc1, 0xc2]) // baseline, extended, progressive

/** Null: valid, at most `mostPx` on its longer side. */
export function jpegFault(bytes: Uint8Array, mostPx: number): string | null {
  const markerAt = (offset: number): number | null =>
    bytes[offset] === 0xff ? (bytes[offset + 1] ?? null) : null
  if (markerAt(0) !== SOI || markerAt(bytes.length - 2) !== EOI)
    return 'expected a complete JPEG, got other bytes'
  const wordAt = (offset: number): number => ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0)
  for (let offset = 2; offset < bytes.length; offset += 2 + wordAt(offset + 2)) {
    const marker = markerAt(offset)
    if (marker === null || marker === SOS || wordAt(offset + 2) < 2) break
    if (!FRAMES.has(marker)) continue
    const [height, width] = [wordAt(offset + 5), wordAt(offset + 7)]
    if (width < 1 || height < 1) return 'expected a picture with a width and a height, got 0'
    return Math.max(width, height) > mostPx
      ? `expected at most ${mostPx} pixels on its longer side, got ${width} x ${height}`
      : null
  }
  return 'expected a JPEG with a frame that browsers support, got another'
}

const THUMB_PX = 200
const PICTURE_PX = 1_280

/** Null: valid. */
export function photoFault({ thumbnail, picture }: { thumbnail: string; picture: string }): string | null {
  for (const [name, text, mostPx] of [
    ['thumbnail', thumbnail, THUMB_PX],
    ['picture', picture, PICTURE_PX],
  ] as const) {
    const fault = jpegFault(Buffer.from(text, 'base64'), mostPx)
    if (fault !== null) return `${name}: ${fault}`
  }
  return null
}
