/**
 * With which QoS a message is handed to a client whose filters overlap: the highest that any filter it falls under was
 * granted, and not twice [MQTT-3.3.5-1]. aedes would take the QoS of whichever filter it comes to first. Pure.
 */
import { matchesFilter } from '../contract/match-filter.ts'

export type GrantedFilters = ReadonlyMap<string, 0 | 1>

/** `held` are the filters that the client still has: it may have given up some that were granted. */
export function grantedQos(granted: GrantedFilters, held: object, topic: string): 0 | 1 {
  if (![...granted.values()].includes(0)) return 1
  for (const [filter, qos] of granted)
    if (qos === 1 && filter in held && matchesFilter(filter, topic)) return 1
  return 0
}
