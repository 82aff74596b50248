/** Runs in the worker thread: serves each request of `thread.ts`. */
import { serveRequests } from '../runtime/worker-entry.ts'
import { learnerOf } from './learners.ts'
import { learnSubject } from './learn-subject.ts'
import type { LearnResponse, LearnRequest } from './thread.ts'

serveRequests(({ kind, throughDay, subjects }: LearnRequest): LearnResponse => {
  const learner = learnerOf(kind)
  return subjects.map(({ stored, data }) => {
    try {
      return { night: learnSubject(learner, stored, data, throughDay) }
    } catch (error) {
      return { failed: (error as Error).stack ?? String(error) }
    }
  })
})
