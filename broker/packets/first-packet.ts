/**
 * A connection that has just come, until its CONNECT is whole. Strangers who say nothing, or a byte now and then, stand
 * here by the thousand: one costs its socket and little else. Guard, session and aedes' client are made afterwards.
 */
import type { Duplex } from 'node:stream'
import { packetReader, type PacketReader } from './packet-reader.ts'

export const CONNECT_TIMEOUT_MS = 5_000

/**
 * Runs once the first packet has come, or what can be none: the connection is paused then, and its bytes are still to be
 * read from it. One that has not said it in 5 s is closed.
 */
export function onFirstPacket(connection: Duplex, run: () => void): void {
  let reader: PacketReader | null = null
  let said: Buffer | null = null
  const late = setTimeout(destroy, CONNECT_TIMEOUT_MS, connection).unref()

  function onData(chunk: Buffer): void {
    reader ??= packetReader()
    reader.add(chunk)
    said = said === null ? chunk : Buffer.concat([said, chunk])
    if (reader.next() === null) return
    stop()
    connection.pause()
    connection.unshift(said)
    run()
  }

  function stop(): void {
    clearTimeout(late)
    connection.off('data', onData).off('end', destroyOnEnd).off('close', stop)
  }

  function destroyOnEnd(): void {
    stop()
    connection.destroy()
  }

  connection.on('error', ignoreError).on('data', onData).on('end', destroyOnEnd).on('close', stop)
}

const destroy = (connection: Duplex): void => void connection.destroy()
const ignoreError = (): void => {} // its close tells of it
