/** A QR code as in a photo: rotated, slightly blurred, on a label that fills part of the picture. */
import qrcode from 'qrcode-generator'

export interface DrawnPicture {
  width: number
  height: number
  grey: Uint8Array
}

/**
 * Rotated by `turnDeg` around the centre, `modulePx` per module; the paper is light, not white, and the ink dark, not
 * black.
 */
export function drawQr(
  text: string,
  { width = 640, height = 480, turnDeg = 0, modulePx = 5 } = {},
): DrawnPicture {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const modules = code.getModuleCount()
  const turnRad = (turnDeg * Math.PI) / 180
  const inkAt = (x: number, y: number): number => {
    const [dx, dy] = [x - width / 2, y - height / 2]
    const column = Math.floor((dx * Math.cos(turnRad) + dy * Math.sin(turnRad)) / modulePx + modules / 2)
    const row = Math.floor((dy * Math.cos(turnRad) - dx * Math.sin(turnRad)) / modulePx + modules / 2)
    const isInside = column >= 0 && row >= 0 && column < modules && row < modules
    return isInside && code.isDark(row, column) ? 55 : 205
  }
  const grey = new Uint8Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      // the mean of four points in a pixel: edges are soft
      grey[y * width + x] =
        (inkAt(x, y) + inkAt(x + 0.5, y) + inkAt(x, y + 0.5) + inkAt(x + 0.5, y + 0.5)) / 4
  return { width, height, grey }
}
