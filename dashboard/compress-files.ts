/**
 * Writes compressed copies next to each file of the build, so that the server does not compress at each request. Browsers
 * accept Brotli over TLS only; over http on a farm's own network they accept gzip.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const COMPRESSED = /\.(js|css|html|svg|json|webmanifest)$/
const MIN_BYTES = 500 // a smaller file gains nothing

export function compressFiles(): Plugin {
  let folder = ''
  return {
    name: 'tilth-compress',
    apply: 'build',
    configResolved: ({ root, build }) => void (folder = resolve(root, build.outDir)),
    closeBundle: {
      // after the service worker is written
      order: 'post',
      sequential: true,
      handler() {
        for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
          if (!COMPRESSED.test(name)) continue
          const path = join(folder, name)
          const bytes = readFileSync(path)
          if (bytes.length < MIN_BYTES) continue
          writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
          writeFileSync(`${path}.br`, brotliCompressSync(bytes))
        }
      },
    },
  }
}
