/** Resident memory of a program under load: bounded or growing. */
import type { Program } from './process.ts'

export interface Memory {
  maxMB: number
  /** after a third of the time */
  thirdMB: number
  /** mean of the last second */
  endMB: number
}

const EVERY_MS = 250

/** Samples until stopped. NaN where nothing could be read. */
export function sampleMemory(program: Pick<Program, 'rssMB'>): { stop(): Memory } {
  const samples: number[] = []
  const timer = setInterval(() => {
    const rssMB = program.rssMB()
    if (rssMB !== null) samples.push(rssMB)
  }, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      return memoryOf(samples)
    },
  }
}

/** Averages over a second, since a single sample may be before or after a garbage collection. */
export function memoryOf(samples: readonly number[]): Memory {
  const aSecond = 1000 / EVERY_MS
  const third = Math.ceil(samples.length / 3)
  return {
    maxMB: samples.length === 0 ? Number.NaN : Math.max(...samples),
    thirdMB: mean(samples.slice(Math.max(0, third - aSecond), third)),
    endMB: mean(samples.slice(-aSecond)),
  }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length
