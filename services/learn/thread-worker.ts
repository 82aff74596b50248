/** Runs in the learning thread: answers each question of `thread.ts`. */
import { parentPort } from 'node:worker_threads'
import { learnerOf } from './learners.ts'
import { learnSubject } from './learn-subject.ts'
import type { Answered, Asked } from './thread.ts'

parentPort!.on('message', ({ kind, throughDay, subjects }: Asked) => {
  const learner = learnerOf(kind)
  const answered: Answered = subjects.map(({ stored, data }) => {
    try {
      return { night: learnSubject(learner, stored, data, throughDay) }
    } catch (error) {
      return { failed: (error as Error).stack ?? String(error) }
    }
  })
  parentPort!.postMessage(answered)
})
