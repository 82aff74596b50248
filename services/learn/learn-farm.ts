/** The nightly job of one farm: every kind of model is loaded, fitted in the worker thread, and stored. */
import { addDays, startOfDay, type Day } from '../../broker/contract/time.ts'
import type { Logger } from '../ports.ts'
import type { FarmRow } from '../tables.ts'
import type { Learner, Stores } from './fitting/learner.ts'
import { newestFits, storeNight, type LearnedSubject } from './model-store.ts'
import type { LearnWorker } from './thread.ts'

const BATCH_SIZE = 20 // about two seconds: the longest that a stop waits

/** A failure is logged and does not affect the others; it is retried the next night. */
export async function learnFarm(
  deps: Stores & {
    learners: readonly Learner<unknown>[]
    thread: LearnWorker
    log: Logger
    isStopped: () => boolean
  },
  farm: FarmRow,
  throughDay: Day,
): Promise<void> {
  for (const learner of deps.learners)
    try {
      if (!deps.isStopped()) await learnKind(deps, learner, farm, throughDay)
    } catch (error) {
      deps.log.error({ error, farm: farm.id, kind: learner.kind }, 'a kind of model was not learned')
    }
}

async function learnKind(
  {
    thread,
    log,
    isStopped,
    ...stores
  }: Stores & { thread: LearnWorker; log: Logger; isStopped: () => boolean },
  learner: Learner<unknown>,
  farm: FarmRow,
  throughDay: Day,
): Promise<void> {
  const { kind } = learner
  const { org } = farm
  const issuedMs = startOfDay(addDays(throughDay, 1), farm.timeZone)
  const subjects = await learner.load(stores, farm, throughDay)
  for (let from = 0; from < subjects.length && !isStopped(); from += BATCH_SIZE) {
    const batch = subjects.slice(from, from + BATCH_SIZE)
    const stored = await newestFits(
      stores.state,
      org,
      kind,
      batch.map(({ subject }) => subject),
    )
    const results = await thread.request({
      kind,
      throughDay,
      subjects: batch.map(({ subject, data }) => ({ stored: stored.get(subject)?.fit ?? null, data })),
    })
    const learnedSubjects: LearnedSubject[] = []
    batch.forEach((of, i) => {
      const result = results[i]!
      if ('night' in result)
        learnedSubjects.push({ of, before: stored.get(of.subject) ?? null, night: result.night })
      else log.error({ kind, subject: of.subject, why: result.failed }, 'a model was not learned')
    })
    await storeNight(stores.state, { org, kind, throughDay, issuedMs }, learnedSubjects)
  }
}
