/** Who takes notices: a mail server, a receiver of posts, and a browser's half of a push, all real and on this machine. */
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface MailBox {
  url: string
  mails: { to: string[]; text: string }[]
  /** Refuses what comes from now on, or takes it again. */
  refuse(isRefusing: boolean): void
  close(): Promise<void>
}

export async function openMailBox(): Promise<MailBox> {
  const mails: MailBox['mails'] = []
  let isRefusing = false
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (_address, _session, done) => done(isRefusing ? new Error('no room') : null),
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push({
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(parts).toString('utf8'),
        })
        done()
      })
    },
  })
  server.on('error', () => {}) // a client that disconnects early
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuse: (refusing) => void (isRefusing = refusing),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

export interface Post {
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}
export interface PostBox {
  url: string
  posts: Post[]
  /** What is answered from now on. */
  answer(status: number, headers?: Record<string, string>): void
  close(): Promise<void>
}

export async function openPostBox(): Promise<PostBox> {
  const posts: Post[] = []
  let reply: { status: number; headers: Record<string, string> } = { status: 201, headers: {} }
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    posts.push({ path: request.url!, headers: request.headers, body: Buffer.concat(parts) })
    response.writeHead(reply.status, reply.headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    answer: (status, headers = {}) => void (reply = { status, headers }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A browser's subscription and how it reads what is pushed to it (RFC 8291, RFC 8188). */
export function newBrowser() {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  const auth = randomBytes(16)
  return {
    key: ecdh.getPublicKey('base64url'),
    auth: auth.toString('base64url'),
    read(body: Buffer): Record<string, string> {
      const salt = body.subarray(0, 16)
      const keyLength = body[20]!
      const serverKey = body.subarray(21, 21 + keyLength)
      const sealed = body.subarray(21 + keyLength)
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), serverKey])
      const shared = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(serverKey), auth, info, 32))
      const derive = (what: string, length: number) =>
        Buffer.from(hkdfSync('sha256', shared, salt, Buffer.from(`Content-Encoding: ${what}\0`), length))
      const opener = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
      opener.setAuthTag(sealed.subarray(-16))
      const plain = Buffer.concat([opener.update(sealed.subarray(0, -16)), opener.final()])
      return JSON.parse(plain.subarray(0, plain.lastIndexOf(2)).toString('utf8')) as Record<string, string>
    },
  }
}

/** The sender that a push states, when its signature is valid (RFC 8292). */
export function vapidOf({ authorization = '' }: IncomingHttpHeaders): {
  aud: string
  sub: string
  key: string
} {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? []
  const [head, claims, signature] = token.split('.') as [string, string, string]
  const point = Buffer.from(key, 'base64url')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!isSigned) throw new Error('the signature does not hold')
  return { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; sub: string }), key }
}
