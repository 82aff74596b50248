/**
 * A port for a program that starts later, or again. It is below the range that the system uses for port 0 and for
 * outgoing connections, so that no other program takes it by chance.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

const [FROM, TO] = [15_000, 32_000]

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    // random, not sequential: many test files search at the same time
    const port = FROM + Math.floor(Math.random() * (TO - FROM))
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
    } catch {
      continue // it is taken
    }
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  throw new Error(`no free port from ${FROM} to ${TO}`)
}
