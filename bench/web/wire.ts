/** Bytes over the wire. */
import { get } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Phone } from './phone.ts'

/** Bytes of the body, compressed as for a browser. */
export const bytesOf = async (url: string, cookie = ''): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { cookie, 'accept-encoding': 'gzip, deflate, br' } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`))
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.on('end', () => resolve(bytes))
    }).on('error', reject)
  })

/** Bytes per minute of the event stream without changes. */
export const idleBytes = async (url: string, cookie: string, forMs: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = get(`${url}/api/events`, { headers: { cookie } }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      setTimeout(() => {
        request.destroy()
        resolve((bytes * 60_000) / forMs)
      }, forMs)
    })
    request.on('error', reject)
  })

/** Addresses in the service worker's precache. */
export function precached(dashboard: string): string[] {
  const worker = readFileSync(join(dashboard, 'sw.js'), 'utf8')
  const urls = [...worker.matchAll(/url:"([^"]+)"/g)].map(([, url]) => url!)
  if (urls.length === 0) throw new Error('sw.js has no precache entries')
  return urls
}

export const cookieOf = async ({ context }: Phone, url: string): Promise<string> =>
  (await context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join('; ')
