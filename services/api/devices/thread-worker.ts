/** Runs in the thread of `read-label.ts`: answers each picture with the text of its QR code, or null. */
import decodeQR from 'qr/decode.js'
import { serveRequests } from '../../runtime/worker-entry.ts'
import type { GreyPicture } from './read-label.ts'

// optional tries on a bad picture: somebody is waiting with the phone in the hand
const DECODE_TIMEOUT_MS = 500

serveRequests(decodeQrText)

function decodeQrText({ width, height, grey }: GreyPicture): string | null {
  // the decoder's own format of brightness alone is followed by colours, which it does not look at
  const data = new Uint8Array(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2))
  data.set(grey)
  try {
    return decodeQR({ width, height, data }, { format: 'I420', timeLimit: DECODE_TIMEOUT_MS })
  } catch {
    return null // it says in many words that there is none
  }
}
