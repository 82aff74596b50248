/** Which responses are compressed: reads that are long enough to gain by it, for clients that accept the encoding. */
import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import type { App } from '../../../../services/api/http/context.ts'
import { compressResponses } from '../../../../services/api/http/compression.ts'

describe('a response', () => {
  const app = Fastify()
  compressResponses(app as unknown as App)
  app.get('/short', async () => 'a'.repeat(999))
  app.route({ method: ['GET', 'POST'], url: '/long', handler: async () => 'a'.repeat(1_000) })
  const encodingOf = async (method: 'GET' | 'POST', url: string, accepts: string) =>
    (await app.inject({ method, url, headers: { 'accept-encoding': accepts } })).headers['content-encoding']

  it('that is long and read is packed', async () =>
    expect(await encodingOf('GET', '/long', 'br, gzip')).toBe('gzip'))

  it('is never compressed for a client without support', async () =>
    expect(await encodingOf('GET', '/long', 'br')).toBeUndefined())

  it('is not compressed without a gain in size', async () =>
    expect(await encodingOf('GET', '/short', 'gzip')).toBeUndefined())

  it('to a write is never compressed: its compressed size would reveal a secret in it', async () =>
    expect(await encodingOf('POST', '/long', 'gzip')).toBeUndefined())
})
