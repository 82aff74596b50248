/** Messages of the fixture's farm that could not be stored: of a probe with a new firmware, and a truncated one. */
import { HOUR_MS, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { DeadLetterGroup, DeadLetterView } from '../../services/api/devices/dead-letter-schemas.ts'

const notOne = '/v: expected 1, got 2'
const notJson = 'not JSON in UTF-8'

export const letterGroups = (nowMs: AtMs): DeadLetterGroup[] => [
  { reason: notOne, count: 14, devices: 1, newestId: 21, newestMs: nowMs - 20 * MINUTE_MS },
  { reason: notJson, count: 2, devices: 2, newestId: 7, newestMs: nowMs - 30 * HOUR_MS },
]

export const lettersOf = (reason: string, nowMs: AtMs): DeadLetterView[] =>
  Array.from({ length: reason === notJson ? 2 : 10 }, (_, index) => ({
    id: index + 1,
    receivedMs: nowMs - (40 - index) * HOUR_MS,
    device: reason === notJson ? `probe-${index + 1}` : 'probe-river',
    topic: 'tilth/v1/demo/probe-river/telemetry',
    reason,
    bytes: 96,
    payload:
      reason === notJson
        ? '{"v":1,"n":48211,"measurements":[{"soil":{"depth":30,"mois'
        : `{"v":2,"n":${48_211 + index},"boot":17,"monoMs":120034,"measurements":[{"soil":{"depth":30,"moisture":21.4}}]}`,
  }))
