/**
 * A port for a program that is started later, or again. It lies below those that the system gives out by itself, to whoever
 * asks for port 0 and to every outgoing connection, so that nobody takes it meanwhile by chance.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

const [FROM, TO] = [15_000, 32_000]

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    // drawn, not counted up: many test files look for one at the same time
    const port = FROM + Math.floor(Math.random() * (TO - FROM))
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
    } catch {
      continue // somebody has it
    }
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  throw new Error(`no free port from ${FROM} to ${TO}`)
}
