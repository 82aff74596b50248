/** A stream to another broker over TCP or TLS, for a client of mqtt.js. */
import net from 'node:net'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { longPublishFilter } from '../packets/long-publish-filter.ts'
import type { SkippedPublish } from '../packets/packet-reader.ts'

const DEFAULT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 }

/** The address of a broker: `mqtt://HOST[:PORT]` or `mqtts://HOST[:PORT]`; null for any other text. */
export function parseBrokerUrl(text: string): { host: string; port: number; isTls: boolean } | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, port, username, password } = new URL(text)
  const standard = DEFAULT_PORTS[protocol]
  if (standard === undefined || hostname === '' || username !== '' || password !== '') return null
  const host = hostname.replace(/^\[|\]$/g, '')
  return { host, port: port === '' ? standard : Number(port), isTls: protocol === 'mqtts:' }
}

/**
 * Connects. Publishes longer than `maxBytes` are dropped while they arrive, and reported to `onSkipped`. `onError`: why
 * the connection failed.
 */
export function openBrokerStream(
  { host, port, isTls }: { host: string; port: number; isTls: boolean },
  of: { maxBytes: number; onSkipped(publish: SkippedPublish): void; onError(error: Error): void },
): Duplex {
  const socket = isTls
    ? tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}) })
    : net.connect({ host, port })
  // with Nagle's algorithm a small message waits some 40 ms for the acknowledgement of the one before it
  socket.setNoDelay(true)
  socket.on('error', of.onError)
  return filtered(socket, longPublishFilter(of.maxBytes, of.onSkipped))
}

/** The socket, with what arrives passed through the filter; it closes with the socket. */
function filtered(socket: net.Socket, filter: (chunk: Buffer) => Buffer | null): Duplex {
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, encoding, done) => void socket.write(chunk, encoding, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk: Buffer) => {
    const bytes = filter(chunk)
    if (bytes === null) stream.destroy(new Error('the length of a packet is over 4 bytes'))
    else if (bytes.length > 0 && !stream.push(bytes)) socket.pause()
  })
  socket.on('error', (error) => stream.destroy(error))
  socket.on('close', () => stream.destroy())
  return stream
}
