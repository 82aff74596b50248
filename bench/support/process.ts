/** Programs started by the bench: their output, memory and end. Only ended by their own pid. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

export interface Program {
  child: ChildProcess
  /** the end of its output, both streams */
  output(): string
  /** Resident memory, MB; null when it has ended or the system does not report it. */
  rssMB(): number | null
  /** Processor time used, s; null as above. */
  cpuS(): number | null
  /** Ends it and waits for its end. */
  end(signal: NodeJS.Signals): Promise<void>
}

const running = new Set<ChildProcess>()
// an interrupted bench leaves no processes
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startProgram(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Program {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-8_000)))
  child.on('error', (error) => (output += error.message))
  running.add(child)
  child.on('exit', () => running.delete(child))
  const isGone = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  return {
    child,
    output: () => output,
    rssMB() {
      const kb = isGone() ? null : /^VmRSS:\s+(\d+) kB$/m.exec(procFile(child.pid!, 'status'))?.[1]
      return kb == null ? null : Number(kb) / 1024
    },
    cpuS() {
      if (isGone()) return null
      // proc(5): after the name in brackets utime and stime are the 12th and 13th, in hundredths of a second
      const columns = procFile(child.pid!, 'stat').split(') ')[1]?.split(' ')
      return columns ? (Number(columns[11]) + Number(columns[12])) / 100 : null
    },
    async end(signal) {
      if (isGone()) return
      const exited = once(child, 'exit')
      child.kill(signal)
      const isLate = await Promise.race([exited.then(() => false), pause(15_000, true, { ref: false })])
      if (isLate) {
        child.kill('SIGKILL')
        await exited
      }
    },
  }
}

/** Polls until the result is not null; fails with the program's output when it ends or takes too long. */
export async function untilReady<T>(
  program: Program,
  name: string,
  probe: () => Promise<T | null> | T | null,
  { withinMs = 60_000, everyMs = 5 } = {},
): Promise<T> {
  const untilMs = performance.now() + withinMs
  while (performance.now() < untilMs) {
    const { exitCode, signalCode, pid } = program.child
    if (exitCode !== null || signalCode !== null || pid === undefined)
      throw new Error(`${name} ended with ${exitCode ?? signalCode}: ${program.output()}`)
    const result = await Promise.resolve(probe()).catch(() => null)
    if (result !== null) return result
    await pause(everyMs)
  }
  throw new Error(`${name} was not ready within ${withinMs / 1000} s: ${program.output()}`)
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return '' // it has just ended
  }
}
