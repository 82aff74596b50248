/** The bytes that the line `web` counts are those that go over the wire, and its middle is the middle. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { median } from '../../bench/web/lighthouse.ts'
import { bytesOf, precached } from '../../bench/web/wire.ts'

describe('the line web', () => {
  const packed = gzipSync('a'.repeat(10_000))
  const server = createServer((request, reply) => {
    if (request.url === '/gone') return void reply.writeHead(404).end()
    const isPacked = /gzip/.test(String(request.headers['accept-encoding']))
    reply.writeHead(200, isPacked ? { 'content-encoding': 'gzip' } : {})
    reply.end(isPacked ? packed : 'a'.repeat(10_000))
  })
  let url: string
  let folder: string
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    folder = await mkdtemp(join(tmpdir(), 'tilth-web-'))
  })
  afterAll(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })

  it('counts a compressed response, and rejects a missing one', async () => {
    expect(await bytesOf(`${url}/`)).toBe(packed.length)
    await expect(bytesOf(`${url}/gone`)).rejects.toThrow('answered 404')
  })

  it("finds the service worker's precache, and rejects an empty one", async () => {
    await writeFile(
      join(folder, 'sw.js'),
      'precacheAndRoute([{url:"index.html",revision:"1"},{url:"a/b.js"}])',
    )
    expect(precached(folder)).toEqual(['index.html', 'a/b.js'])
    await writeFile(join(folder, 'sw.js'), 'precacheAndRoute([])')
    expect(() => precached(folder)).toThrow('has no precache entries')
  })

  it('takes the median of its runs', () => {
    expect(median([9, 1, 4])).toBe(4)
    expect(median([4, 2])).toBe(3)
  })
})
