/**
 * Nightly learning of every farm, after its day was closed: due fits are computed, existing ones are monitored, and
 * the days ahead are predicted.
 */
import { MINUTE_MS, addDays, dayOf, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { Job, Logger, Running } from '../ports.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import type { FarmRow } from '../tables.ts'
import type { Learner, Stores } from './fitting/learner.ts'
import { learnFarm } from './learn-farm.ts'
import { learners } from './learners.ts'
import { createLearnWorker } from './thread.ts'

/** After the farm's midnight: the day is closed, and late readings have arrived. */
const AFTER_MS = 40 * MINUTE_MS

export interface LearnDeps extends Stores {
  log: Logger
  /** for tests: other kinds of models */
  learners?: readonly Learner<unknown>[]
}

export interface Learn extends Running {
  jobs: Job[]
  /** Resolves when all started work is done. */
  settled(): Promise<void>
}

/** The worker thread starts with the first fit. `stop` waits for the batch in progress. */
export function startLearn(deps: LearnDeps): Learn {
  const { state, log } = deps
  const thread = createLearnWorker()
  const lastLearned = new Map<string, Day>() // by farm: each farm's night once, whatever time zone was due
  let isStopped = false
  const queue = serialQueue()

  async function learnAll(dueAtMs: AtMs): Promise<void | 'stopped'> {
    for (const farm of await state.selectFrom('farm').selectAll().orderBy('id').execute()) {
      await learnOne(farm, addDays(dayOf(dueAtMs - AFTER_MS, farm.timeZone), -1))
      if (isStopped) return 'stopped'
    }
  }

  async function learnOne(farm: FarmRow, throughDay: Day): Promise<void> {
    if (lastLearned.get(farm.id) === throughDay) return
    await learnFarm({ learners, ...deps, thread, isStopped: () => isStopped }, farm, throughDay)
    if (isStopped) return
    lastLearned.set(farm.id, throughDay)
    log.debug({ farm: farm.id, throughDay }, 'learned')
  }

  return {
    jobs: [
      {
        name: 'learn',
        lastDue: async (nowMs) => latestDue(nowMs, await timeZones()),
        run: (dueAtMs) => queue.enqueue(() => learnAll(dueAtMs)),
      },
    ],
    settled: () => queue.settled(),
    async stop() {
      isStopped = true
      await queue.settled()
      await thread.end()
    },
  }

  async function timeZones(): Promise<string[]> {
    const rows = await state.selectFrom('farm').select('timeZone').distinct().execute()
    return rows.map((row) => row.timeZone)
  }
}

/** The newest 00:40 of any of the zones; null without a zone. */
function latestDue(nowMs: AtMs, timeZones: readonly string[]): AtMs | null {
  const dues = timeZones.map((zone) => startOfDay(dayOf(nowMs - AFTER_MS, zone), zone) + AFTER_MS)
  return dues.length === 0 ? null : Math.max(...dues)
}
