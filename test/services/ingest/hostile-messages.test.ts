/** Hostile messages of other makes through the journal: none holds up the messages after it, each has one outcome. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEnvelope } from '../../../services/integrations/envelopes/read-envelope.ts'
import { toJson } from '../../../services/tables.ts'
import { integrationRow } from '../../support/integration-row.ts'
import { hostileCopy, samples } from '../integrations/hostile-values.ts'
import { shipped } from '../integrations/messages.ts'
import { NOON, startIngestRig, type IngestRig } from './rig.ts'

const PROFILES = [
  'milesight-em500-smtc',
  'dragino-lse01',
  'sensecap-s2120',
  'z2m-sonoff-swv',
  'tasmota-sensor',
  'esphome',
  'ecowitt',
  'davis-weatherlink-live',
]
const COPIES = 12

describe('hostile messages of other makes', () => {
  let rig: IngestRig
  beforeEach(async () => {
    rig = await startIngestRig({ profiles: () => shipped.profiles })
  })
  afterEach(() => rig.stop())

  it('hold up no message, and each is readings, a repeat, nothing, unassigned, or one dead letter with its field', async () => {
    // every shape of message, for an assigned address and for one that nobody has assigned
    for (const [i, [kind, sample]] of samples.entries()) {
      const read = readEnvelope(kind, sample)
      const id = `gateway-${i}`
      await rig.state.insertInto('integration').values(integrationRow({ id, kind })).execute()
      if (i % 3 === 2 || !read.ok || read.value === null) continue
      await rig.addDevice({ id: `device-${i}` })
      await rig.state
        .insertInto('assignedAddress')
        .values({
          deviceId: `device-${i}`,
          org: 'coop',
          integrationId: id,
          address: read.value.address,
          profile: PROFILES[i % PROFILES.length]!,
          answers: toJson({ depthCm: 30, soil: { quantity: 'soil.moisture', depthCm: 30 } }),
        })
        .execute()
    }
    const drawn = samples.flatMap(([, sample], i) =>
      fc
        .sample(hostileCopy(sample), { numRuns: COPIES, seed: 20_261_125 + i })
        .map((message) => ({ message, gateway: `gateway-${i}` })),
    )
    // an event of ChirpStack that has nothing to read
    const chirpstack = samples.findIndex(([kind]) => kind === 'chirpstack')
    const [, uplink] = samples[chirpstack]!
    const acknowledged = { ...uplink, topic: uplink.topic.replace(/event\/\w+$/, 'event/ack') }
    drawn.push({ message: acknowledged, gateway: `gateway-${chirpstack}` })
    // the same messages again in another order: a repeat meets every state of a device
    const sent = [...drawn, ...drawn.toReversed()]
    for (const [n, { message, gateway }] of sent.entries())
      await rig.brokerRig.journal.append({
        receivedMs: NOON + n * 1000,
        org: 'coop',
        device: gateway,
        payload: message.payload,
        foreign: { integration: gateway, topic: message.topic, isRetained: message.isRetained },
      })
    await rig.ingest().settled()
    const counters = rig.ingest().counters()
    expect(counters).toMatchObject({ records: sent.length, behind: 0, storeFailures: 0, unknown: 0 })
    const letters = rig.brokerRig.journal.deadLetters({ limit: 10_000 })
    const { length: stored } = await rig.state.selectFrom('storedMessage').select('key').execute()
    const { repeats, nothing, unassigned, deadLetters } = counters
    expect(stored + repeats + nothing + unassigned + deadLetters).toBe(sent.length)
    expect(Math.min(stored, repeats, nothing, unassigned, deadLetters)).toBeGreaterThan(0)
    for (const { reason } of letters) {
      expect(reason).toMatch(/^(?:profile [\w-]+@\d+: )?[^\s:][^:]{0,100}: ?\S/)
      expect(reason).not.toContain('Tilth failed')
      expect(reason.length).toBeLessThanOrEqual(300)
    }
    for (const { value, atMs } of await rig.stored()) {
      expect(value === null || Number.isFinite(value)).toBe(true)
      expect(Number.isSafeInteger(atMs)).toBe(true)
    }
  })
})
