/**
 * A client of ACME (RFC 8555) for one name and the challenge over HTTP. Ours, because acme-client brings 30 packages with it (the
 * limit of test/house/packages.test.ts), and the small ones need a newer Node than Tilth.
 */
import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import Type, { type Static } from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'

const TIMEOUT_MS = 30_000
// an authority may have forgotten its nonces (RFC 8555, 6.5)
const MOST_NONCES = 5
const MOST_POLLS = 90
const POLL_MS = 1_000
const PROBLEM = 'urn:ietf:params:acme:error:'

/** A refusal of the authority. `type` as in RFC 8555, 6.7: `rateLimited`. */
export class AcmeError extends Error {
  readonly type: string
  constructor(type: string, detail: string) {
    super(detail)
    this.type = type
  }
}

const Directory = Type.Object({ newNonce: Type.String(), newAccount: Type.String(), newOrder: Type.String() })
const Problem = Type.Object({ type: Type.Optional(Type.String()), detail: Type.Optional(Type.String()) })
const Order = Type.Object({
  status: Type.String(),
  authorizations: Type.Array(Type.String()),
  finalize: Type.String(),
  certificate: Type.Optional(Type.String()),
  error: Type.Optional(Problem),
})
const Authorization = Type.Object({
  status: Type.String(),
  challenges: Type.Array(
    Type.Object({
      type: Type.String(),
      url: Type.String(),
      token: Type.Optional(Type.String()),
      error: Type.Optional(Problem),
    }),
  ),
})
const parse = {
  directory: jsonParser(Directory),
  problem: jsonParser(Problem),
  order: jsonParser(Order),
  authorization: jsonParser(Authorization),
}

/**
 * The certificate of `name` with its chain, PEM. `accountKey`: EC P-256; an account is opened for a key that has none.
 * `answer` is called with the token of each challenge and the text that http://NAME/.well-known/acme-challenge/TOKEN must
 * return until this resolves. Rejects with an AcmeError, or the error of the network.
 */
export async function requestCertificate(of: {
  directory: string
  accountKey: KeyObject
  mail: string
  name: string
  /** certificate request (PKCS #10), DER */
  csr: Buffer
  answer: (token: string, text: string) => void
  pollMs?: number
}): Promise<string> {
  const { pollMs = POLL_MS } = of
  const acme = await openSession(of.directory, of.accountKey, of.mail)
  const placed = await acme.post(acme.directory.newOrder, { identifiers: [{ type: 'dns', value: of.name }] })
  const orderUrl = placed.location ?? refuse('the authority gave its order no address')
  const order = read('order', placed.text)
  for (const url of order.authorizations) await prove(url)
  await poll(async () => {
    const { status } = await readOrder()
    return status === 'pending' ? null : status
  })
  await acme.post(order.finalize, { csr: of.csr.toString('base64url') })
  const certificate = await poll(async () => {
    const { status, certificate: url } = await readOrder()
    return status === 'valid' ? (url ?? refuse('the order has no certificate')) : null
  })
  return (await acme.post(certificate, null)).text

  async function prove(url: string): Promise<void> {
    const { status, challenges } = read('authorization', (await acme.post(url, null)).text)
    if (status === 'valid') return // an earlier proof still holds
    const challenge = challenges.find(({ type }) => type === 'http-01')
    if (challenge?.token === undefined) return refuse('the authority offers no challenge over HTTP')
    of.answer(challenge.token, `${challenge.token}.${acme.thumbprint}`)
    await acme.post(challenge.url, {})
    await poll(async () => {
      const now = read('authorization', (await acme.post(url, null)).text)
      if (now.status === 'pending') return null
      if (now.status === 'valid') return true
      const error = now.challenges.find(({ error: problem }) => problem !== undefined)?.error
      throw toError(error, `the authority could not prove ${of.name}: ${now.status}`)
    })
  }
  async function readOrder(): Promise<Static<typeof Order>> {
    const now = read('order', (await acme.post(orderUrl, null)).text)
    if (now.status === 'invalid') throw toError(now.error, 'the authority refused the order')
    return now
  }
  async function poll<T>(look: () => Promise<T | null>): Promise<T> {
    for (let count = 0; count < MOST_POLLS; count++) {
      const result = await look()
      if (result !== null) return result
      await sleep(pollMs)
    }
    return refuse('the authority did not decide in time')
  }
}

interface Session {
  directory: Static<typeof Directory>
  /** of the account key (RFC 7638) */
  thumbprint: string
  /** A signed request; null: POST-as-GET (RFC 8555, 6.3). */
  post(url: string, payload: object | null): Promise<{ text: string; location: string | null }>
}

async function openSession(directoryUrl: string, key: KeyObject, mail: string): Promise<Session> {
  const response = await fetch(directoryUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const parsed = parse.directory(await response.text())
  if (!parsed.ok) return refuse(`${directoryUrl} is no ACME directory (status ${response.status})`)
  const directory = parsed.value
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' })
  const jwk = { crv, kty, x, y } // in the order of the thumbprint
  const thumbprint = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url')
  let nonce: string | null = null
  let account: string | null = null

  async function takeNonce(): Promise<string> {
    const fresh = nonce ?? (await newNonce())
    nonce = null
    return fresh
  }
  async function newNonce(): Promise<string> {
    const { headers } = await fetch(directory.newNonce, {
      method: 'HEAD',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return headers.get('replay-nonce') ?? refuse('the authority gave no nonce')
  }

  const post: Session['post'] = async (url, payload) => {
    for (let tries = 1; ; tries++) {
      const head = {
        alg: 'ES256',
        nonce: await takeNonce(),
        url,
        ...(account === null ? { jwk } : { kid: account }),
      }
      const protectedHead = encode(JSON.stringify(head))
      const body = payload === null ? '' : encode(JSON.stringify(payload))
      const signature = sign('sha256', Buffer.from(`${protectedHead}.${body}`), {
        key,
        dsaEncoding: 'ieee-p1363',
      }).toString('base64url')
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/jose+json' },
        body: JSON.stringify({ protected: protectedHead, payload: body, signature }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      nonce = answer.headers.get('replay-nonce')
      const text = await answer.text()
      if (answer.ok) return { text, location: answer.headers.get('location') }
      const problem = parse.problem(text)
      const error = toError(problem.ok ? problem.value : undefined, `the authority answered ${answer.status}`)
      if (error.type !== 'badNonce' || tries === MOST_NONCES) throw error
    }
  }

  const opened = await post(directory.newAccount, { termsOfServiceAgreed: true, contact: [`mailto:${mail}`] })
  account = opened.location ?? refuse('the authority gave its account no address')
  return { directory, thumbprint, post }
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')

function read<Name extends 'order' | 'authorization'>(
  name: Name,
  text: string,
): Static<{ order: typeof Order; authorization: typeof Authorization }[Name]> {
  const parsed = parse[name](text)
  return (parsed.ok ? parsed.value : refuse(`the authority sent no ${name}: ${parsed.error}`)) as never
}

function toError(problem: Static<typeof Problem> | undefined, otherwise: string): AcmeError {
  return new AcmeError((problem?.type ?? '').replace(PROBLEM, ''), problem?.detail ?? otherwise)
}

function refuse(message: string): never {
  throw new AcmeError('', message)
}
