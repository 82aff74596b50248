/** The values in the messages of a controller of another make, read as the ingest reads them. */
import { readAssigned, withOwnTime } from '../integrations/decode-message.ts'
import { readEnvelope } from '../integrations/envelopes/read-envelope.ts'
import type { Fields, ForeignMessage, ForeignValue } from '../integrations/foreign-message.ts'
import type { Profile } from '../integrations/profiles/read-profile.ts'
import type { StoredController } from './controller-rows.ts'

/** Reads the values of its messages; the fields of the message before show what a gateway repeats. */
export function valueReader(
  controller: () => Pick<StoredController, 'assigned' | 'definitions' | 'integration'>,
  profiles: () => ReadonlyMap<string, Profile>,
): (message: ForeignMessage) => ForeignValue[] {
  let previous: Fields | null = null
  return (message) => {
    const { assigned, definitions, integration } = controller()
    if (assigned === null) return []
    const options = { definitionOf: (name: string) => definitions[name] ?? null }
    const read = readEnvelope(integration.kind, message, options)
    // what cannot be read is a dead letter of the ingest
    if (!read.ok || read.value?.address !== assigned.address) return []
    const profile = profiles().get(assigned.profile)
    if (profile === undefined) return []
    const envelope = withOwnTime(integration.kind, read.value, profile, message)
    const device = { profile, assignment: assigned.answers, previous }
    const decoded = readAssigned(integration.kind, envelope, device, message)
    if (integration.kind === 'zigbee2mqtt') previous = envelope.fields
    return decoded.kind === 'read' ? decoded.reading.values : []
  }
}
