/**
 * The built dashboard: files with a hash in their name are cached for ever, all others are revalidated. Any
 * other page address shows the dashboard.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import serveStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './context.ts'
import { createPreloadLinks } from './preload-links.ts'

// vite adds a hash of the content to these names
const HASHED = /[/\\]assets[/\\]|[/\\]workbox-[\w-]+\.js(\.(gz|br))?$/
const PAGE = /[/\\]index\.html(\.(gz|br))?$/
const SESSION_COOKIE = 'tilth.session' // set in auth.ts, also with the prefix __Host-

/**
 * Serves no files when `dir` is null or has no index.html. Also sets the not-found handler of `app`: 404 as JSON, except for a
 * page.
 */
export async function serveDashboard(app: App, dir: string | null): Promise<void> {
  const isBuilt = dir !== null && existsSync(join(dir, 'index.html'))
  if (isBuilt) {
    const earlyLinks = createPreloadLinks(dir)
    await app.register(serveStatic, {
      root: dir,
      cacheControl: false,
      preCompressed: true, // by dashboard/compress-files.ts
      setHeaders: (reply, path) => {
        const isHashed = HASHED.test(path)
        void reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
        if (!PAGE.test(path)) return
        const { url, headers } = reply.request
        // no `vary` header for it: the service worker would not find its cached page under other request
        // headers
        const links = earlyLinks({
          path: url.split('?', 1)[0]!,
          acceptLanguage: headers['accept-language'],
          mayBeSignedIn: headers.cookie?.includes(SESSION_COOKIE) ?? false,
        })
        if (links !== '') void reply.header('link', links)
      },
    })
  }

  app.setNotFoundHandler(async (request, reply) => {
    if (isBuilt && isPage(request)) return reply.sendFile('index.html')
    return notFound(reply)
  })
}

const notFound = (reply: FastifyReply) =>
  reply.code(404).send({ error: 'NOT_FOUND', message: 'there is nothing at this address' })

/** An address opened by a person: not of the API, not of a file. */
export function isPage({ method, url }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0]!
  return (method === 'GET' || method === 'HEAD') && !path.startsWith('/api/') && !/\.[a-z0-9]+$/i.test(path)
}
