/** The thread that learns: no message and no valve waits for a model. */
import type { Day } from '../../broker/contract/time.ts'
import { createWorkerClient, type WorkerClient } from '../runtime/worker-thread.ts'
import type { ModelKind } from '../tables.ts'
import type { Fit } from './fitting/learner.ts'
import type { NightlyFit } from './learn-subject.ts'

/** What the thread is asked, and answers in the same order: a night each, or why there is none. */
export interface LearnRequest {
  kind: ModelKind
  throughDay: Day
  subjects: { stored: Fit | null; data: unknown }[]
}
export type LearnResponse = ({ night: NightlyFit } | { failed: string })[]

export type LearnWorker = WorkerClient<LearnRequest, LearnResponse>

export const createLearnWorker = (): LearnWorker => createWorkerClient(import.meta.url, 'the learning thread')
