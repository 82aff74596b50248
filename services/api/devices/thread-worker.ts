/** Runs in the worker thread of `read-label.ts`: decodes the QR code of a picture into its text, or null. */
import decodeQR from 'qr/decode.js'
import { serveRequests } from '../../runtime/worker-entry.ts'
import type { GreyPicture } from './read-label.ts'

// for optional attempts on a bad picture: a person is waiting
const DECODE_TIMEOUT_MS = 500

serveRequests(decodeQrText)

function decodeQrText({ width, height, grey }: GreyPicture): string | null {
  // the decoder's luminance format is followed by chroma planes, which it ignores
  const data = new Uint8Array(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2))
  data.set(grey)
  try {
    return decodeQR({ width, height, data }, { format: 'I420', timeLimit: DECODE_TIMEOUT_MS })
  } catch {
    return null // it throws when the picture has no code
  }
}
