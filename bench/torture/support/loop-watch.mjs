/**
 * Preloaded into a server under test (`node --import`): finds what holds its event loop. Every few milliseconds it reads
 * the processor time of the main thread, which another program on the machine does not change, and appends a line to
 * LOOP_WATCH_FILE for each time that the loop was held longer than LOOP_WATCH_MS, with the requests that were open.
 */
import diagnostics from 'node:diagnostics_channel'
import { appendFileSync, openSync, readSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const EVERY_MS = 5
const { LOOP_WATCH_FILE: file, LOOP_WATCH_MS: limitMs = '50' } = process.env

if (isMainThread && file !== undefined) watch(file, Number(limitMs))

function watch(file, limitMs) {
  const open = new Map()
  const ended = [] // since the last look
  diagnostics.subscribe('http.server.request.start', ({ request }) =>
    open.set(request, `${request.method} ${request.url.split('?')[0]}`),
  )
  diagnostics.subscribe('http.server.response.finish', ({ request }) => {
    if (open.has(request)) ended.push(open.get(request))
    open.delete(request)
  })
  // proc(5): nanoseconds on a processor, then those spent waiting for one
  const schedule = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
  const buffer = Buffer.alloc(80)
  const processorMs = () =>
    Number(buffer.toString('latin1', 0, readSync(schedule, buffer, 0, 80, 0)).split(' ')[0]) / 1e6
  let lastMs = processorMs()
  setInterval(() => {
    const nowMs = processorMs()
    const heldMs = nowMs - lastMs
    if (heldMs > limitMs)
      appendFileSync(
        file,
        JSON.stringify({ heldMs: Math.round(heldMs), requests: [...ended, ...open.values()] }) + '\n',
      )
    ended.length = 0
    for (const request of open.keys())
      if (request.destroyed && request.complete === false) open.delete(request)
    lastMs = nowMs
  }, EVERY_MS).unref()
}
