/** What held the event loop of a server that was started with `loopWatch`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface LoopHold {
  heldMs: number // processor time of the main thread
  requests: string[] // open meanwhile, `GET /api/today`
}

/** Node options and environment of the server; `folder`: for the file of the watch. */
export const loopWatch = (folder: string, limitMs: number) => ({
  nodeOptions: ['--import', join(import.meta.dirname, 'loop-watch.mjs')],
  env: { LOOP_WATCH_FILE: fileIn(folder), LOOP_WATCH_MS: String(limitMs) },
})

/** In the order of time. */
export const readLoopHolds = (folder: string): LoopHold[] =>
  existsSync(fileIn(folder))
    ? readFileSync(fileIn(folder), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LoopHold)
    : []

const fileIn = (folder: string): string => join(folder, 'loop-holds.jsonl')
