/** Several worker threads for one kind of request: one that takes long does not hold up the others. */
import { serialQueue } from './serial-queue.ts'
import type { WorkerClient } from './worker-thread.ts'

/**
 * A request goes to the thread with the fewest requests and waits for those before it. `startClient` returns a new
 * client; each starts its thread with its first request.
 */
export function workerPool<Request, Response>(
  threads: number,
  startClient: () => WorkerClient<Request, Response>,
): WorkerClient<Request, Response> {
  const members = Array.from({ length: threads }, () => ({
    requests: 0,
    queue: serialQueue(),
    client: startClient(),
  }))
  return {
    async request(request, onProgress) {
      const member = members.reduce((best, other) => (other.requests < best.requests ? other : best))
      member.requests += 1
      try {
        return await member.queue.enqueue(() => member.client.request(request, onProgress))
      } finally {
        member.requests -= 1
      }
    },
    end: async () => void (await Promise.all(members.map(({ client }) => client.end()))),
  }
}
