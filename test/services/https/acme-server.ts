/**
 * An ACME authority of RFC 8555 for tests: nonces, signatures, accounts, orders, authorizations, the challenge really fetched
 * over HTTP, and a certificate for the key of a checked request, signed by an authority of the test.
 */
import {
  createHash,
  createPublicKey,
  randomBytes,
  verify,
  webcrypto,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as x509 from '@peculiar/x509'

export interface AcmeServer {
  directory: string
  /** of the authority, PEM */
  root: string
  /** paths of the signed requests, in order */
  posts: string[]
  accounts: () => number
  /** The next `count` signed requests are refused for their nonce. */
  forgetNonces(count: number): void
  /** Each new order is refused from now on. */
  limitRate(isLimited: boolean): void
  close(): Promise<void>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const b64 = (text: string): Buffer => Buffer.from(text, 'base64url')

interface Order {
  name: string
  token: string
  account: string
  status: 'pending' | 'ready' | 'valid' | 'invalid'
  detail?: string
  certificate?: string
}

/** `challengePort`: the port of the name's HTTP server, 80 on the internet. `lifetimeMs`: of each certificate. */
export async function startAcmeServer(of: {
  challengePort: () => number
  now: () => number
  lifetimeMs: number
}): Promise<AcmeServer> {
  const nonces = new Set<string>()
  const accounts = new Map<string, { key: KeyObject; thumbprint: string }>()
  const orders: Order[] = []
  const posts: string[] = []
  let forgotten = 0
  let isLimited = false
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, [
    'sign',
    'verify',
  ])) as unknown as CryptoKeyPair
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority',
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(of.now() - 86_400_000),
    notAfter: new Date(of.now() + 3_650 * 86_400_000),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const send = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
    const nonce = randomBytes(12).toString('base64url')
    nonces.add(nonce)
    const isText = typeof body === 'string'
    response.writeHead(status, {
      'replay-nonce': nonce,
      'content-type': isText ? 'application/pem-certificate-chain' : 'application/json',
      ...headers,
    })
    response.end(isText ? body : JSON.stringify(body))
  }
  const refuse = (response: ServerResponse, status: number, type: string, detail: string): void =>
    send(response, status, { type: `urn:ietf:params:acme:error:${type}`, detail })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!
    if (path === '/directory')
      return send(response, 200, {
        newNonce: `${base}/nonce`,
        newAccount: `${base}/account`,
        newOrder: `${base}/order`,
      })
    if (path === '/nonce') return send(response, 200, {})
    if (request.method !== 'POST') return send(response, 404, {})
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = JSON.parse(Buffer.concat(parts).toString()) as Record<
      'protected' | 'payload' | 'signature',
      string
    >
    const head = JSON.parse(b64(body.protected).toString()) as {
      alg: string
      nonce: string
      url: string
      kid?: string
      jwk?: { kty: string; crv: string; x: string; y: string }
    }
    if (
      request.headers['content-type'] !== 'application/jose+json' ||
      head.alg !== 'ES256' ||
      head.url !== base + path
    )
      return refuse(response, 400, 'malformed', 'content type, algorithm or url')
    if (forgotten > 0 || !nonces.delete(head.nonce)) {
      forgotten--
      return refuse(response, 400, 'badNonce', 'unknown nonce')
    }
    const account = head.kid === undefined ? null : accounts.get(head.kid)
    const key = head.jwk ? createPublicKey({ key: head.jwk, format: 'jwk' }) : account?.key
    const signed = Buffer.from(`${body.protected}.${body.payload}`)
    if (!key || !verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, b64(body.signature)))
      return refuse(response, 401, 'unauthorized', 'the signature does not hold')
    posts.push(path)
    const payload = (body.payload === '' ? null : JSON.parse(b64(body.payload).toString())) as never
    const [, what, at = ''] = path.split('/')
    if (what === 'account' && head.jwk) return openAccount(response, head.jwk, key)
    if (!account) return refuse(response, 400, 'accountDoesNotExist', 'no account')
    if (what === 'order' && at === '') return openOrder(response, payload, head.kid!)
    const order = orders[Number(at)]
    if (!order || order.account !== head.kid) return refuse(response, 404, 'malformed', 'not found')
    if (what === 'challenge') {
      send(response, 200, {})
      return prove(order, account.thumbprint)
    }
    if (what === 'finalize') return finalize(response, order, payload)
    if (what === 'certificate') return send(response, 200, order.certificate!)
    send(response, 200, what === 'authorization' ? authorizationOf(order, at) : orderOf(order, at))
  }

  function openAccount(response: ServerResponse, jwk: Record<string, string>, key: KeyObject): void {
    const { crv, kty, x, y } = jwk
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
    const known = [...accounts].find(([, account]) => account.thumbprint === thumbprint)
    const location = known?.[0] ?? `${base}/account/${accounts.size}`
    accounts.set(location, { key, thumbprint })
    send(response, known ? 200 : 201, { status: 'valid' }, { location })
  }
  function openOrder(
    response: ServerResponse,
    { identifiers }: { identifiers: { value: string }[] },
    account: string,
  ): void {
    if (isLimited) return refuse(response, 429, 'rateLimited', 'too many certificates already issued')
    const token = randomBytes(24).toString('base64url')
    orders.push({ name: identifiers[0]!.value, token, account, status: 'pending' })
    const at = `${orders.length - 1}`
    send(response, 201, orderOf(orders.at(-1)!, at), { location: `${base}/order/${at}` })
  }
  async function prove(order: Order, thumbprint: string): Promise<void> {
    const url = `http://127.0.0.1:${of.challengePort()}/.well-known/acme-challenge/${order.token}`
    const text = await fetch(url, { headers: { host: order.name } })
      .then((answer) => answer.text())
      .catch((error: Error) => error.message)
    order.status = text.trim() === `${order.token}.${thumbprint}` ? 'ready' : 'invalid'
    if (order.status === 'invalid')
      order.detail = `${order.name}: invalid response to the challenge: ${text.slice(0, 40)}`
  }
  async function finalize(response: ServerResponse, order: Order, { csr }: { csr: string }): Promise<void> {
    const request = new x509.Pkcs10CertificateRequest(Uint8Array.from(b64(csr)))
    const names = request.extensions.flatMap((extension) =>
      extension instanceof x509.SubjectAlternativeNameExtension
        ? extension.names.items.map(({ value }) => value)
        : [],
    )
    if (order.status !== 'ready' || !(await request.verify()) || names.join() !== order.name)
      return refuse(response, 403, 'badCSR', 'order, signature or names')
    const cert = await x509.X509CertificateGenerator.create({
      subject: request.subjectName,
      issuer: root.subjectName,
      publicKey: request.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(of.now()),
      notAfter: new Date(of.now() + of.lifetimeMs),
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: order.name }])],
    })
    order.certificate = `${cert.toString('pem')}\n${root.toString('pem')}\n`
    order.status = 'valid'
    send(response, 200, orderOf(order, `${orders.indexOf(order)}`))
  }
  const orderOf = (order: Order, at: string) => ({
    status: order.status,
    authorizations: [`${base}/authorization/${at}`],
    finalize: `${base}/finalize/${at}`,
    ...(order.certificate === undefined ? {} : { certificate: `${base}/certificate/${at}` }),
  })
  const authorizationOf = ({ status, token, detail }: Order, at: string) => ({
    status: status === 'ready' ? 'valid' : status,
    challenges: [
      { type: 'dns-01', url: `${base}/none`, token },
      {
        type: 'http-01',
        url: `${base}/challenge/${at}`,
        token,
        ...(detail === undefined
          ? {}
          : { error: { type: 'urn:ietf:params:acme:error:unauthorized', detail } }),
      },
    ],
  })

  return {
    directory: `${base}/directory`,
    root: new X509Certificate(root.toString('pem')).toString(),
    posts,
    accounts: () => accounts.size,
    forgetNonces: (count) => void (forgotten = count),
    limitRate: (limited) => void (isLimited = limited),
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
