/**
 * A new connection, until its CONNECT is complete. Silent or very slow clients may wait here by the thousand: each costs
 * its socket and little else. Guard, session and the client of aedes are created afterwards.
 */
import type { Duplex } from 'node:stream'
import { packetReader, type PacketReader } from './packet-reader.ts'

export const CONNECT_TIMEOUT_MS = 5_000

/**
 * Runs `run` once the first packet is complete or invalid: the connection is then paused with its bytes unread. A
 * connection without a packet within 5 s is closed.
 */
export function onFirstPacket(connection: Duplex, run: () => void): void {
  let reader: PacketReader | null = null
  let received: Buffer | null = null
  const timeout = setTimeout(destroy, CONNECT_TIMEOUT_MS, connection).unref()

  function onData(chunk: Buffer): void {
    reader ??= packetReader()
    reader.add(chunk)
    received = received === null ? chunk : Buffer.concat([received, chunk])
    if (reader.next() === null) return
    stop()
    connection.pause()
    connection.unshift(received)
    run()
  }

  function stop(): void {
    clearTimeout(timeout)
    connection.off('data', onData).off('end', destroyOnEnd).off('close', stop)
  }

  function destroyOnEnd(): void {
    stop()
    connection.destroy()
  }

  connection.on('error', ignoreError).on('data', onData).on('end', destroyOnEnd).on('close', stop)
}

const destroy = (connection: Duplex): void => void connection.destroy()
const ignoreError = (): void => {} // a close event follows
