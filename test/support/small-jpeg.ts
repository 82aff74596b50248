/** The markers of a JPEG of a given size without picture data: the part that a server checks. */

/** Base64. `width` and `height` in pixels. */
export function smallJpeg(width = 160, height = 120): string {
  const twoBytes = (value: number): number[] => [value >> 8, value & 255]
  const jfif = [
    0xff,
    0xe0,
    ...twoBytes(16),
    ...Buffer.from('JFIF\0'),
    1,
    1,
    0,
    ...twoBytes(1),
    ...twoBytes(1),
    0,
    0,
  ]
  const frame = [0xff, 0xc0, ...twoBytes(11), 8, ...twoBytes(height), ...twoBytes(width), 1, 1, 0x11, 0]
  const scan = [0xff, 0xda, ...twoBytes(8), 1, 1, 0, 0, 63, 0, 0x55]
  return Buffer.from([0xff, 0xd8, ...jfif, ...frame, ...scan, 0xff, 0xd9]).toString('base64')
}
