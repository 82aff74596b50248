/** What every line of the bench is given, and what is measured once for several lines. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoopOptions } from '../options.ts'
import type { Figure } from './report.ts'

export interface Bench {
  /** 1 for the figures that are published; less shortens the runs, to try a line out */
  scale: number
  /** what `loop` was asked for */
  loop: LoopOptions
  /** One line on the error output. */
  log(text: string): void
  /** A table of its own on the output, before that of the figures; not with --json. */
  print(text: string): void
  /** A new folder on disk, removed when the bench ends. */
  folder(name: string): Promise<string>
  /** Runs at the end of the bench, last added first. */
  onEnd(run: () => Promise<unknown>): void
  /** The same answer for every line that asks by this name. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>
}

export type Line = (bench: Bench) => Promise<Figure[]>

export function openBench(options: {
  scale: number
  loop: LoopOptions
  log(text: string): void
  print(text: string): void
}): Bench & { end(): Promise<void> } {
  const ends: (() => Promise<unknown>)[] = []
  const made = new Map<string, Promise<unknown>>()
  return {
    ...options,
    async folder(name) {
      const path = await mkdtemp(join(tmpdir(), `tilth-bench-${name}-`))
      ends.push(() => rm(path, { recursive: true, force: true }))
      return path
    },
    onEnd: (run) => void ends.push(run),
    once<T>(name: string, make: () => Promise<T>) {
      const known = made.get(name) as Promise<T> | undefined
      if (known) return known
      const fresh = make()
      made.set(name, fresh)
      return fresh
    },
    async end() {
      for (let run = ends.pop(); run; run = ends.pop())
        await run().catch((error: unknown) => options.log(`could not clean up: ${(error as Error).message}`))
    },
  }
}
