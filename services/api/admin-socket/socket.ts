/**
 * The admin socket of a running Tilth: a socket in DATA_DIR that only the user running Tilth can open. That
 * user can read the databases anyway, so there is no further sign-in. The socket also shows that Tilth is
 * running: a second instance on the same folder, or a restore, is rejected. One request and one response per
 * connection, each a line of JSON.
 */
import { createHash } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { jsonParser } from '../../../broker/contract/json.ts'
import { errorCodes, fail, isTilthError, type ErrorCode } from '../../errors.ts'
import type { Logger, Running } from '../../ports.ts'

const AdminRequest = Type.Object({ command: Type.String(), form: Type.Optional(Type.Unknown()) })
export type AdminRequest = Static<typeof AdminRequest>
const AdminResponse = Type.Union([
  Type.Object({ ok: Type.Literal(true), value: Type.Unknown() }),
  Type.Object({
    ok: Type.Literal(false),
    error: Type.Enum(Object.keys(errorCodes) as ErrorCode[]),
    message: Type.String(),
  }),
])
export type AdminResponse = Static<typeof AdminResponse>
const parseRequest = jsonParser(AdminRequest, 'request')
const parseResponse = jsonParser(AdminResponse, 'response')
export type AdminRequestHandler = (request: AdminRequest) => Promise<unknown>

export interface AdminSocket extends Running {
  /** Requests are handled from now on; until then the response is that Tilth is starting. */
  serve(handler: AdminRequestHandler): void
}

const NO_ADMIN_SOCKET =
  'tilth device and tilth password cannot reach this Tilth, and tilth restore does not detect that it is running'
const MAX_REQUEST_CHARS = 65_536
const REQUEST_TIMEOUT_MS = 5_000
const MAX_PATH_BYTES = 100 // sun_path of a socket address has 108 bytes, fewer on some systems

/** `tilth.sock` in DATA_DIR; on Windows a named pipe with a hash of the absolute path of DATA_DIR in its name. */
export const adminSocketPath = (dataDir: string): string =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\tilth-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16)}`
    : join(dataDir, 'tilth.sock')

/** CONFLICT when a Tilth is already running on this folder. */
export async function startAdminSocket(deps: { dataDir: string; log: Logger }): Promise<AdminSocket> {
  const { dataDir, log } = deps
  const path = adminSocketPath(dataDir)
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    log.warn({ path }, `the path of DATA_DIR is too long for a socket: ${NO_ADMIN_SOCKET}`)
    return { serve() {}, stop: async () => {} }
  }
  if (await acceptsConnections(path))
    fail(
      'CONFLICT',
      `a Tilth is already running on DATA_DIR ${dataDir}; stop it, or set DATA_DIR to another folder`,
    )
  rmSync(path, { force: true }) // left behind by a killed process

  let answers: AdminRequestHandler = async () =>
    fail('STORE_UNAVAILABLE', 'Tilth is starting; try again in a moment')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy())
    readLine(socket, MAX_REQUEST_CHARS, (line) => {
      socket.setTimeout(0)
      void responseTo(line, (request) => answers(request), log).then((response) =>
        socket.end(`${JSON.stringify(response)}\n`),
      )
    })
  })
  try {
    await new Promise<void>((done, failed) => {
      server.once('error', failed)
      server.listen(path, done)
    })
    if (process.platform !== 'win32') chmodSync(path, 0o600)
  } catch (error) {
    // some network folders do not support sockets; the farm still runs without the admin socket
    log.warn({ error, path }, NO_ADMIN_SOCKET)
    return { serve() {}, stop: async () => {} }
  }
  return {
    serve: (handler) => void (answers = handler),
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Whether a Tilth is running on this folder. */
export const isRunning = (dataDir: string): Promise<boolean> => acceptsConnections(adminSocketPath(dataDir))

/**
 * Sends a request to a running Tilth. Fails with the error of the response, or CONFLICT when none is running.
 */
export async function sendAdminRequest(dataDir: string, request: AdminRequest): Promise<unknown> {
  const path = adminSocketPath(dataDir)
  const response = await new Promise<AdminResponse>((done, failed) => {
    const socket = connect(path)
    socket.once('error', failed)
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    // no length limit: the response comes from our own server, and a device list may be long
    readLine(socket, Infinity, (line) => {
      socket.destroy()
      const response = parseResponse(line)
      if (response.ok) done(response.value)
      else failed(new Error(response.error))
    })
    socket.once('close', () => failed(new Error('the connection ended without a response')))
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES')
      fail('FORBIDDEN', `${path} belongs to another user: run this command as the user that runs Tilth`, {
        cause,
      })
    return fail('CONFLICT', `no Tilth is running on DATA_DIR ${dataDir} (${cause.message}); start it first`, {
      cause,
    })
  })
  return response.ok ? response.value : fail(response.error, response.message)
}

async function responseTo(line: string, handler: AdminRequestHandler, log: Logger): Promise<AdminResponse> {
  const request = parseRequest(line)
  if (!request.ok) return { ok: false, error: 'BAD_REQUEST', message: request.error }
  try {
    return { ok: true, value: (await handler(request.value)) ?? null }
  } catch (error) {
    if (isTilthError(error)) return { ok: false, error: error.code, message: error.message }
    log.error({ error }, 'an admin request failed')
    return { ok: false, error: 'INTERNAL', message: 'internal error in Tilth; its log has the details' }
  }
}

const acceptsConnections = (path: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'EACCES'))
  })

/** Reads the first line; a longer line ends the connection. */
function readLine(socket: Socket, mostChars: number, read: (line: string) => void): void {
  const pieces: string[] = []
  let chars = 0
  socket.setEncoding('utf8')
  const onData = (chunk: string) => {
    const end = chunk.indexOf('\n')
    pieces.push(end >= 0 ? chunk.slice(0, end) : chunk)
    chars += chunk.length
    if (end >= 0) {
      socket.off('data', onData)
      read(pieces.join(''))
    } else if (chars > mostChars) socket.destroy()
  }
  socket.on('data', onData)
}
