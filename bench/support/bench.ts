/** The context of every line of the bench, and results shared by several lines. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoopOptions } from '../options.ts'
import type { Figure } from './report.ts'

export interface Bench {
  /** 1 for published figures; less shortens the runs, to try a line */
  scale: number
  /** options of `loop` */
  loop: LoopOptions
  /** Writes one line to stderr. */
  log(text: string): void
  /** Prints a separate table to stdout before the figures; not with --json. */
  print(text: string): void
  /** A new folder on disk, removed at the end. */
  folder(name: string): Promise<string>
  /** Runs at the end of the bench, last added first. */
  onEnd(run: () => Promise<unknown>): void
  /** Memoizes a result by name, for all lines. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>
}

export type Line = (bench: Bench) => Promise<Figure[]>

export function openBench(options: {
  scale: number
  loop: LoopOptions
  log(text: string): void
  print(text: string): void
}): Bench & { end(): Promise<void> } {
  const endTasks: (() => Promise<unknown>)[] = []
  const results = new Map<string, Promise<unknown>>()
  return {
    ...options,
    async folder(name) {
      const path = await mkdtemp(join(tmpdir(), `tilth-bench-${name}-`))
      endTasks.push(() => rm(path, { recursive: true, force: true }))
      return path
    },
    onEnd: (run) => void endTasks.push(run),
    once<T>(name: string, make: () => Promise<T>) {
      const cached = results.get(name) as Promise<T> | undefined
      if (cached) return cached
      const created = make()
      results.set(name, created)
      return created
    },
    async end() {
      for (let run = endTasks.pop(); run; run = endTasks.pop())
        await run().catch((error: unknown) => options.log(`cleaning up failed: ${(error as Error).message}`))
    },
  }
}
