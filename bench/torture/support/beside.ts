/** A program of the torture in a process of its own: it is given one value, and answers with one. */
import { once } from 'node:events'
import { join } from 'node:path'
import { startProgram } from '../../support/process.ts'
import type { Torture } from './fault-line.ts'

/** Starts `support/NAME.ts`; `done` gives what it printed last, or rejects with what it said when it broke. */
export function startBeside<T>(
  torture: Torture,
  name: string,
  given: object,
): { done: Promise<T>; end(): Promise<void> } {
  const path = join(import.meta.dirname, `${name}.ts`)
  const program = startProgram(process.execPath, [
    ...['--import', import.meta.resolve('tsx')],
    ...[path, JSON.stringify(given)],
  ])
  torture.atEnd(() => program.end('SIGKILL'))
  const done = once(program.child, 'close').then(([code]) => {
    const said = program.said().trimEnd()
    if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${said.slice(-1_000)}`)
    return JSON.parse(said.split('\n').at(-1)!) as T
  })
  done.catch(() => {}) // told to whoever waits for it
  return { done, end: () => program.end('SIGTERM') }
}
