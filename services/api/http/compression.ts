/**
 * Compresses responses to reads for clients that accept gzip: a farm's phone has a weak signal. Responses to
 * writes may hold a new secret and stay uncompressed: their compressed size would leak information about it.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { App } from './context.ts'

const MIN_BYTES = 1_000
const gzipAsync = promisify(gzip)

/**
 * Applies to GET responses of 1000 characters or more; buffers and streams stay as they are. Sets `vary` and
 * `content-encoding`.
 */
export function compressResponses(app: App): void {
  app.addHook('onSend', async ({ method, headers }, reply, payload) => {
    if (method !== 'GET' || typeof payload !== 'string' || payload.length < MIN_BYTES) return payload
    void reply.header('vary', 'accept-encoding')
    if (!/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return payload
    void reply.header('content-encoding', 'gzip')
    return gzipAsync(payload)
  })
}
