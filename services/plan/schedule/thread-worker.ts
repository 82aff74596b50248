/** Runs in the thread of the schedule: answers each question of `thread.ts`. */
import { answerEach } from '../../runtime/worker-entry.ts'
import { improve } from './improve.ts'
import { openSolver } from './solver.ts'
import type { Answered, Asked } from './thread.ts'

const solver = openSolver()

answerEach(({ problem, seconds }: Asked) =>
  solver
    .then((it): Answered => {
      const deps = { solver: it, seconds, nowS: () => performance.now() / 1000 }
      return { improved: improve(problem, deps) }
    })
    .catch((error: unknown): Answered => ({ failed: (error as Error).stack ?? String(error) })),
)
