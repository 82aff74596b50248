/**
 * Points at which a controller loses power: inside the flash write, between flash and output, between output and
 * message. The program kills itself, so that nothing after it is executed.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { TraceEntry } from '../../../firmware-sim/devices/controller.ts'

export const cutPoints = {
  'flash torn': 'some of the bytes of the new flash are written',
  'flash written': 'the new flash is on disk, but has not replaced the old one',
  'flash renamed': 'the new flash is in place, no output driven yet',
  opened: 'a valve is driven open, not reported yet',
  shut: 'a valve is driven closed, not in flash yet',
  'running said': 'the device has reported open',
  anywhere: 'any step',
} as const
export type CutPoint = keyof typeof cutPoints

export interface Cut {
  point: CutPoint
  times: number // its occurrence
  part: number // of the bytes, 0 to 1
}

const cut = () => void process.kill(process.pid, 'SIGKILL')

/** Returns the observer of every trace entry. Flash writes count when they change the valves' memory. */
export function armCut({ point, times, part }: Cut): (entry: TraceEntry) => void {
  let remaining = times
  const reach = (end: () => void = cut) => {
    remaining -= 1
    if (remaining === 0) end()
  }
  if (point.startsWith('flash')) {
    onFlash(point, part, reach)
    return () => {}
  }
  const open = new Set<string>()
  return (entry) => {
    if (point === 'anywhere') reach()
    if (entry.type !== 'effect') return
    const { effect } = entry
    if (effect.type === 'publish' && effect.kind === 'ack' && effect.message.st === 'running')
      if (point === 'running said') reach()
    if (effect.type !== 'drive') return
    if (effect.open && point === 'opened') reach()
    if (!effect.open && open.has(effect.valve) && point === 'shut') reach()
    if (effect.open) open.add(effect.valve)
    else open.delete(effect.valve)
  }
}

/** Patches the file system calls below the code that writes the flash. */
function onFlash(point: CutPoint, part: number, reach: (end?: () => void) => void): void {
  const { fsyncSync, renameSync, writeSync } = fs
  let valvesBefore = ''
  let isTarget = false // for the file being written
  const patchedWrite = (fd: number, text: string) => {
    const valves = valvesIn(text)
    isTarget = valves !== null && valves !== valvesBefore
    valvesBefore = valves ?? valvesBefore
    if (isTarget && point === 'flash torn')
      reach(() => {
        const bytes = Buffer.from(text)
        writeSync(fd, bytes, 0, Math.floor(part * bytes.length))
        cut()
      })
    return writeSync(fd, text)
  }
  const rename = (from: string, to: string) => {
    if (isTarget && point === 'flash written') reach()
    renameSync(from, to)
    if (isTarget && point === 'flash renamed') reach()
  }
  Object.assign(fs, { writeSync: patchedWrite, renameSync: rename, fsyncSync })
  syncBuiltinESMExports()
}

/** The valves' memory in the text of a flash file; null for another file. */
function valvesIn(text: unknown): string | null {
  if (typeof text !== 'string' || !text.startsWith('{"boot":')) return null
  return JSON.stringify((JSON.parse(text) as { valves: unknown }).valves)
}
