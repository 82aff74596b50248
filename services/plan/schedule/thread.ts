/**
 * The worker thread that improves a schedule: the event loop never waits for HiGHS. It ends when idle, as the
 * solver occupies some hundred megabytes.
 */
import { createWorkerClient, type WorkerClient } from '../../runtime/worker-thread.ts'
import type { Improved } from './improve.ts'
import type { Problem } from './types.ts'

export interface ImproveRequest {
  problem: Problem
  seconds: number
}
export type ImproveResponse = { improved: Improved } | { failed: string }

export type ScheduleThread = WorkerClient<ImproveRequest, ImproveResponse>

/** A search that fails has the response `failed`; a request rejects when the thread crashes or is terminated. */
export const createScheduleThread = (): ScheduleThread =>
  createWorkerClient(import.meta.url, 'the schedule thread')
