/** The thread of `product-lines.ts`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { workerData, type MessagePort } from 'node:worker_threads'
import { productSession } from '../../firmware-sim/decide/product-session.ts'
import type { ThreadData, ThreadMessage, ThreadResponse } from './product-lines.ts'

const { signal, folder, port } = workerData as ThreadData & { port: MessagePort }

const session = productSession(() => {
  const path = mkdtempSync(join(folder, 'farm-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
})

async function respond(message: ThreadMessage): Promise<ThreadResponse> {
  try {
    if (message) return { response: await session.respond(message.text) }
    await session.stop()
    return { response: null }
  } catch (error) {
    return { failed: (error as Error).stack ?? String(error) }
  }
}

port.on('message', (message: ThreadMessage) => {
  void respond(message).then((response) => {
    port.postMessage(response)
    Atomics.store(signal, 0, 1)
    Atomics.notify(signal, 0)
  })
})
