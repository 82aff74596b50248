/** Bytes as they go over the wire: what a phone pays for. */
import { get } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Phone } from './phone.ts'

/** Bytes of the body, packed as the server sends them to a browser. */
export const bytesOf = async (url: string, cookie = ''): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { cookie, 'accept-encoding': 'gzip, deflate, br' } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`))
      let bytes = 0
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length))
      answer.on('end', () => resolve(bytes))
    }).on('error', reject)
  })

/** What the stream of changes sends in a minute in which nothing changes. */
export const idleBytes = async (url: string, cookie: string, forMs: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = get(`${url}/api/events`, { headers: { cookie } }, (answer) => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length))
      setTimeout(() => {
        request.destroy()
        resolve((bytes * 60_000) / forMs)
      }, forMs)
    })
    request.on('error', reject)
  })

/** Addresses that the service worker keeps from the first visit on. */
export function precached(dashboard: string): string[] {
  const worker = readFileSync(join(dashboard, 'sw.js'), 'utf8')
  const urls = [...worker.matchAll(/url:"([^"]+)"/g)].map(([, url]) => url!)
  if (urls.length === 0) throw new Error('sw.js names nothing that it keeps')
  return urls
}

export const cookieOf = async ({ context }: Phone, url: string): Promise<string> =>
  (await context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join('; ')
