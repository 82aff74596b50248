/** The worker thread for fitting: it keeps the event loop free for messages and valves. */
import type { Day } from '../../broker/contract/time.ts'
import { createWorkerClient, type WorkerClient } from '../runtime/worker-thread.ts'
import type { ModelKind } from '../tables.ts'
import type { Fit } from './fitting/learner.ts'
import type { NightlyFit } from './learn-subject.ts'

/** Request and response of the worker, in the same order: one result each, or the reason of its absence. */
export interface LearnRequest {
  kind: ModelKind
  throughDay: Day
  subjects: { stored: Fit | null; data: unknown }[]
}
export type LearnResponse = ({ night: NightlyFit } | { failed: string })[]

export type LearnWorker = WorkerClient<LearnRequest, LearnResponse>

/**
 * The thread starts with the first request and ends after 10 s without one. A request rejects when the thread
 * crashes.
 */
export const createLearnWorker = (): LearnWorker => createWorkerClient(import.meta.url, 'the learning thread')
