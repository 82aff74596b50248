/** Entry of the schedule's worker thread: responds to each request of `thread.ts`. */
import { serveRequests } from '../../runtime/worker-entry.ts'
import { improve } from './improve.ts'
import { loadSolver } from './solver.ts'
import type { ImproveResponse, ImproveRequest } from './thread.ts'

const solver = loadSolver()

serveRequests(({ problem, seconds }: ImproveRequest) =>
  solver
    .then((loaded): ImproveResponse => {
      const deps = { solver: loaded, seconds, nowS: () => performance.now() / 1000 }
      return { improved: improve(problem, deps) }
    })
    .catch((error: unknown): ImproveResponse => ({ failed: (error as Error).stack ?? String(error) })),
)
