/**
 * Lays packed copies beside each file of the build: a phone on a weak signal loads a third, and nobody packs at each request.
 * Browsers take Brotli, which is smaller, over TLS alone; over a farm's own network they take gzip.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const PACKED = /\.(js|css|html|svg|webmanifest)$/
const LEAST_BYTES = 500 // less than this gains nothing

export function compressFiles(): Plugin {
  let folder = ''
  return {
    name: 'tilth-press',
    apply: 'build',
    configResolved: ({ root, build }) => void (folder = resolve(root, build.outDir)),
    closeBundle: {
      // after the service worker is written
      order: 'post',
      sequential: true,
      handler() {
        for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
          if (!PACKED.test(name)) continue
          const path = join(folder, name)
          const bytes = readFileSync(path)
          if (bytes.length < LEAST_BYTES) continue
          writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
          writeFileSync(`${path}.br`, brotliCompressSync(bytes))
        }
      },
    },
  }
}
