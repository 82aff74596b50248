/** Follows the meter of a valve: a device of Tilth's own topics, or one of another make. */
import { parseTelemetry } from '../../broker/contract/messages.ts'
import { topicOf } from '../../broker/contract/topics.ts'
import type { Profile } from '../integrations/profiles/read-profile.ts'
import type { Bus, State } from '../ports.ts'
import type { IntegrationConnections } from '../ports/integrations.ts'
import { readAnswers, readDefinitions } from '../tables.ts'
import { flowBetween, readingOfTelemetry, readingOfValues, type MeterReading } from './meter-flow.ts'
import { valueReader } from './valve-values.ts'

/** Calls `onFlow` with each flow that the meter shows, L/min. Resolves with what ends it. */
export async function watchMeter(
  deps: {
    state: State
    bus: Bus
    connections: IntegrationConnections
    profiles: () => ReadonlyMap<string, Profile>
  },
  { org, deviceId }: { org: string; deviceId: string },
  onFlow: (litresPerMinute: number) => void,
): Promise<() => void> {
  const { state, bus, connections, profiles } = deps
  let before: MeterReading | null = null
  let isEnded = false

  function take(reading: MeterReading | null): void {
    if (reading === null || isEnded) return
    const lpm = flowBetween(before, reading)
    before = reading
    if (lpm !== null) onFlow(lpm)
  }

  const row = await state
    .selectFrom('assignedAddress')
    .innerJoin('integration', 'integration.id', 'assignedAddress.integrationId')
    .innerJoin('device', 'device.id', 'assignedAddress.deviceId')
    .select([
      'assignedAddress.address',
      'assignedAddress.profile',
      'assignedAddress.answers',
      'integration.id',
      'integration.kind',
      'integration.url',
      'integration.definitions',
      'device.everyS',
    ])
    .where('assignedAddress.deviceId', '=', deviceId)
    .where('assignedAddress.org', '=', org)
    .executeTakeFirst()
  if (row === undefined) {
    await bus.subscribe(topicOf(org, deviceId, 'telemetry'), ({ payload }) => {
      const telemetry = parseTelemetry(payload)
      if (telemetry.ok) take(readingOfTelemetry(telemetry.value))
    })
    return () => void (isEnded = true)
  }
  const meter = {
    assigned: {
      address: row.address,
      profile: row.profile,
      answers: readAnswers(row.answers),
      everyS: row.everyS,
    },
    definitions: row.definitions === null ? {} : readDefinitions(row.definitions),
    integration: { id: row.id, kind: row.kind, isOwnBroker: row.url === null },
  }
  const values = valueReader(() => meter, profiles)
  const endWatch = connections.watch(row.id, {
    onConnected: () => {},
    onMessage: (message) => take(message.isRetained ? null : readingOfValues(values(message))),
  })
  return () => {
    isEnded = true
    endWatch()
  }
}
