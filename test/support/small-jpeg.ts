/** The markers of a JPEG of a size, without the picture between them: what a server looks at. */

/** Base64. `width` and `height` in pixels. */
export function smallJpeg(width = 160, height = 120): string {
  const word = (value: number): number[] => [value >> 8, value & 255]
  const jfif = [0xff, 0xe0, ...word(16), ...Buffer.from('JFIF\0'), 1, 1, 0, ...word(1), ...word(1), 0, 0]
  const frame = [0xff, 0xc0, ...word(11), 8, ...word(height), ...word(width), 1, 1, 0x11, 0]
  const scan = [0xff, 0xda, ...word(8), 1, 1, 0, 0, 63, 0, 0x55]
  return Buffer.from([0xff, 0xd8, ...jfif, ...frame, ...scan, 0xff, 0xd9]).toString('base64')
}
