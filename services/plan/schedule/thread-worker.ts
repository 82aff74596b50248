/** Runs in the thread of the schedule: answers each question of `thread.ts`. */
import { parentPort } from 'node:worker_threads'
import { improve } from './improve.ts'
import { openSolver } from './solver.ts'
import type { Answered, Asked } from './thread.ts'

const solver = openSolver()

parentPort!.on('message', ({ problem, seconds }: Asked) => {
  void solver
    .then((it): Answered => {
      const deps = { solver: it, seconds, nowS: () => performance.now() / 1000 }
      return { improved: improve(problem, deps) }
    })
    .catch((error: unknown): Answered => ({ failed: (error as Error).stack ?? String(error) }))
    .then((answered) => parentPort!.postMessage(answered))
})
