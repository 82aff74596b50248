/**
 * MQTT over TLS 1.2 or newer. The certificate is reloaded when its files change or on request; open connections stay as
 * they are. With a client CA, a device must present a certificate of that CA whose common name is the device id; its
 * secret is required as well.
 */
import { readFileSync, statSync } from 'node:fs'
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { Server, Socket } from 'node:net'
import { brokerError } from '../errors.ts'
import type { Log } from '../log.ts'

/** PEM files. */
export interface TlsFiles {
  cert: string // the server's, with the intermediate certificates
  key: string
  clientCa: string | null
}

export interface TlsPort {
  server: Server
  /** Reloads the files; if the new certificate is unusable, the present one stays. */
  reload(): void
  stop(): void
}

interface TlsDeps {
  log: Log
  /** a connection, before the handshake; false: close it */
  onSocket: (socket: Socket) => boolean
  onSecure: (socket: TLSSocket, from: Socket, certificateName: string | null) => void
  onFailed: () => void
}

const HANDSHAKE_TIMEOUT_MS = 5_000
const CHECK_EVERY_MS = 2_000

/** A TLS server that is not listening yet. INVALID_CONFIG if the files are unusable. */
export function openTlsPort(files: TlsFiles, deps: TlsDeps): TlsPort {
  const { log } = deps
  const paths = [files.cert, files.key, ...(files.clientCa === null ? [] : [files.clientCa])]
  let lastStamp = stamp(paths)
  const server = createTlsServer(files)
  // by address and port of the peer: the TLS socket is another object than the accepted one
  const accepted = new Map<string, Socket>()

  server.on('connection', (socket: Socket) => {
    if (!deps.onSocket(socket)) return void socket.destroy()
    const peer = peerKey(socket)
    accepted.set(peer, socket)
    socket.once('close', () => accepted.delete(peer))
  })
  server.on('secureConnection', (socket) => {
    const from = accepted.get(peerKey(socket))
    if (from === undefined) return void socket.destroy()
    deps.onSecure(socket, from, files.clientCa === null ? null : commonName(socket))
  })
  server.on('tlsClientError', (error, socket) => {
    deps.onFailed()
    log.debug({ reason: error.message }, 'TLS handshake failed')
    socket.destroy()
  })

  function reload(): void {
    try {
      server.setSecureContext(readContext(files))
      log.info({ cert: files.cert }, 'TLS certificate reloaded')
    } catch (error) {
      log.error({ error, cert: files.cert }, 'the new TLS certificate is unusable; the present one stays')
    }
  }
  const timer = setInterval(() => {
    const now = stamp(paths)
    if (now === lastStamp) return
    lastStamp = now
    reload()
  }, CHECK_EVERY_MS)
  timer.unref()

  return { server, reload, stop: () => clearInterval(timer) }
}

function createTlsServer(files: TlsFiles) {
  try {
    return createServer({
      ...readContext(files),
      noDelay: true,
      allowHalfOpen: true,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: files.clientCa !== null,
      rejectUnauthorized: files.clientCa !== null,
    })
  } catch (cause) {
    const settings = 'MQTT_TLS_CERT, MQTT_TLS_KEY and MQTT_TLS_CLIENT_CA'
    throw brokerError('INVALID_CONFIG', `TLS cannot start: ${(cause as Error).message}; check ${settings}`, {
      cause,
    })
  }
}

const readContext = ({ cert, key, clientCa }: TlsFiles): SecureContextOptions => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
  ...(clientCa === null ? {} : { ca: readFileSync(clientCa) }),
  minVersion: 'TLSv1.2',
})

/** A text that changes whenever one of the files does, even behind a symbolic link. */
const stamp = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      try {
        const stats = statSync(path)
        return `${stats.ino} ${stats.mtimeMs} ${stats.size}`
      } catch {
        return 'missing' // such as in the middle of a rotation: checked again soon
      }
    })
    .join()

const peerKey = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`

/** The common name of the certificate; empty if it has none, which is the id of no device. */
function commonName(socket: TLSSocket): string {
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : ''
}
