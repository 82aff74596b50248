/**
 * The thread that improves a schedule: the event loop never waits for HiGHS. It ends when idle, as the
 * solver keeps some hundred megabytes.
 */
import { openIdleThread, type IdleThread } from '../../runtime/worker-thread.ts'
import type { Improved } from './improve.ts'
import type { Problem } from './types.ts'

export interface Asked {
  problem: Problem
  seconds: number
}
export type Answered = { improved: Improved } | { failed: string }

export type ScheduleThread = IdleThread<Asked, Answered>

export const openThread = (): ScheduleThread => openIdleThread(import.meta.url, 'the thread of the schedule')
