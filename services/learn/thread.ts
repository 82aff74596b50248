/** The thread that learns: no message and no valve waits for a model. */
import type { Day } from '../../broker/contract/time.ts'
import { openIdleThread, type IdleThread } from '../runtime/worker-thread.ts'
import type { ModelKind } from '../tables.ts'
import type { Fit } from './fitting/fitter.ts'
import type { Night } from './learn-subject.ts'

/** What the thread is asked, and answers in the same order: a night each, or why there is none. */
export interface Asked {
  kind: ModelKind
  throughDay: Day
  subjects: { stored: Fit | null; data: unknown }[]
}
export type Answered = ({ night: Night } | { failed: string })[]

export type Thread = IdleThread<Asked, Answered>

export const openThread = (): Thread => openIdleThread(import.meta.url, 'the learning thread')
