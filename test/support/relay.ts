/** A relay to ports of this machine, which can be cut as a network can. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Relay {
  port: number
  /** Ends every connection; new ones are relayed. */
  cut(): void
  stop(): Promise<void>
}

/** Each connection goes to the first of these ports that accepts it, as a proxy before several servers does. */
export async function startRelay(...ports: readonly number[]): Promise<Relay> {
  const sockets = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (near) => void relay(near))

  async function relay(near: Socket): Promise<void> {
    near.on('error', () => {})
    const far = await firstOpen(ports)
    if (far === null) return void near.destroy()
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => sockets.forEach((socket) => socket.destroy())
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async stop() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function firstOpen(ports: readonly number[]): Promise<Socket | null> {
  for (const port of ports) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return socket
    } catch {
      continue // it is down
    }
  }
  return null
}
