/**
 * MQTT over TLS 1.2 or newer. The certificate is read again when its files change or when asked to: connections that
 * are open stay as they are. With an authority for clients, a device must show a certificate of it that names the
 * device (its common name is the device id); its secret is asked for all the same.
 */
import { readFileSync, statSync } from 'node:fs'
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { Server, Socket } from 'node:net'
import { brokerError } from '../journal/broker-error.ts'
import type { Log } from '../log.ts'

/** PEM files. */
export interface TlsFiles {
  cert: string // the server's, with what lies between it and the authority
  key: string
  clientCa: string | null
}

export interface TlsPort {
  server: Server
  /** Reads the files again; a certificate that cannot be used leaves the one before in place. */
  reload(): void
  stop(): void
}

interface TlsDeps {
  log: Log
  /** a connection, before the handshake; false: it is to be closed */
  onSocket: (socket: Socket) => boolean
  onSecure: (socket: TLSSocket, from: Socket, certified: string | null) => void
  onFailed: () => void
}

const HANDSHAKE_TIMEOUT_MS = 5_000
const CHECK_EVERY_MS = 2_000

/** INVALID_CONFIG when the files cannot be used. */
export function openTlsPort(files: TlsFiles, deps: TlsDeps): TlsPort {
  const { log } = deps
  const paths = [files.cert, files.key, ...(files.clientCa === null ? [] : [files.clientCa])]
  let seen = stamp(paths)
  const server = createTlsServer(files)
  // by the peer's own address and port: TLS gives another socket than the one that was accepted
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
      log.info({ cert: files.cert }, 'TLS certificate read again')
    } catch (error) {
      log.error({ error, cert: files.cert }, 'new TLS certificate cannot be used; the one before stays')
    }
  }
  const timer = setInterval(() => {
    const now = stamp(paths)
    if (now === seen) return
    seen = now
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

/** What changes when one of the files does, also behind a link. */
const stamp = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      try {
        const is = statSync(path)
        return `${is.ino} ${is.mtimeMs} ${is.size}`
      } catch {
        return 'away' // or not to be read at this instant of a rotation: looked at again in a moment
      }
    })
    .join()

const peerKey = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`

/** Empty when the certificate names nobody: no device has that id. */
function commonName(socket: TLSSocket): string {
  const name: unknown = socket.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : ''
}
