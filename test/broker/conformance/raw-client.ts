/** A TCP connection that sends bytes as they are and gives back the packets that came, as bytes. */
import { connect, type Socket } from 'node:net'

export interface RawClient {
  send(...parts: Buffer[]): Promise<void>
  /** One byte after the other, each on its way before the next. */
  sendSlowly(part: Buffer): Promise<void>
  /** The next packet; 'closed' when the server has ended the connection before it came. */
  next(): Promise<Buffer | 'closed'>
  /** Signals the end of the input. */
  hangUp(): void
  /** Ends without a word. */
  drop(): void
}

const WITHIN_MS = 20_000

export async function openRaw(port: number): Promise<RawClient> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let came: Buffer = Buffer.alloc(0)
  let isClosed = false
  let wake = () => {}
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    came = Buffer.concat([came, chunk])
    wake()
  })
  socket.on('end', () => socket.end())
  socket.on('close', () => {
    isClosed = true
    wake()
  })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))

  const write = (part: Buffer) => new Promise<void>((resolve) => void socket.write(part, () => resolve()))

  async function next(): Promise<Buffer | 'closed'> {
    for (;;) {
      const whole = firstPacket(came)
      if (whole !== null) {
        came = came.subarray(whole.length)
        return whole
      }
      if (isClosed) return 'closed'
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('the broker neither answers nor hangs up')), WITHIN_MS)
        wake = () => {
          clearTimeout(late)
          resolve()
        }
      })
    }
  }

  return {
    send: (...parts) => write(Buffer.concat(parts)),
    async sendSlowly(part) {
      for (const byte of part) {
        await write(Buffer.from([byte]))
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    next,
    hangUp: () => void socket.end(),
    drop: () => socket.destroy(),
  }
}

function firstPacket(from: Buffer): Buffer | null {
  let length = 0
  for (let at = 1; at < Math.min(from.length, 5); at++) {
    length += (from[at]! & 0x7f) * 128 ** (at - 1)
    if (from[at]! < 0x80) return from.length >= at + 1 + length ? from.subarray(0, at + 1 + length) : null
  }
  return null
}
