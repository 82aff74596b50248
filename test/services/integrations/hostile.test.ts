/** Whatever a device sends, it becomes values that can be stored, nothing, or a dead letter that names the field. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { decodeFrame, codecModels, codecNames } from '../../../services/integrations/codecs/codec.ts'
import { decodeMessage, type DecodedMessage } from '../../../services/integrations/decode-message.ts'
import type { Envelope, ForeignMessage } from '../../../services/integrations/foreign-message.ts'
import { readEnvelope } from '../../../services/integrations/envelopes/read-envelope.ts'
import { readZigbeeDefinitions } from '../../../services/integrations/envelopes/zigbee2mqtt.ts'
import { matchProfiles } from '../../../services/integrations/profiles/match-profile.ts'
import { applyProfile } from '../../../services/integrations/profiles/apply-profile.ts'
import type { Profile } from '../../../services/integrations/profiles/read-profile.ts'
import { runs } from '../../support/runs.ts'
import { fieldsWith, hostileCopy, hostileValue, pathsOf, samples } from './hostile-values.ts'
import { RECEIVED_MS, shipped } from './messages.ts'

/** `payload: what is wrong`, after the profile if one has read it. */
const REASON = /^(?:profile [\w-]+@\d+: )?[^\s:][^:]{0,100}: ?\S/
const profiles = [...shipped.profiles.values()]
const answers = {
  depthCm: 30,
  depthsCm: [10, 20, 30, 40, 50, 60, 70, 80],
  litresPerPulse: 10,
  constructor: { quantity: 'soil.moisture', depthCm: 10 },
}

function expectSound({ atMs, dedupeKey, address, clockOffsetMs, valves }: Envelope): void {
  expect(Number.isSafeInteger(atMs)).toBe(true)
  expect(Math.abs(atMs - RECEIVED_MS)).toBeLessThan(401 * 86_400_000)
  expect(dedupeKey.length).toBeLessThan(400)
  expect(address.length).toBeLessThan(250)
  expect(clockOffsetMs === null || Number.isFinite(clockOffsetMs)).toBe(true)
  for (const { valve, position } of valves) {
    expect(valve.length).toBeLessThan(81)
    expect(['open', 'closed']).toContain(position)
  }
}

function expectUsable(decoded: DecodedMessage): void {
  if (decoded.kind === 'unreadable') expect(decoded.reason).toMatch(REASON)
  if (decoded.kind === 'unassigned' || decoded.kind === 'read') expectSound(decoded.envelope)
  if (decoded.kind !== 'read') return
  const { values, batteries, valves, runs: ran, ignored, everyS } = decoded.reading
  for (const { quantity, value, atMs } of values) {
    expect(quantityOf(quantity)).toBeDefined()
    expect(value === null || Number.isFinite(value)).toBe(true)
    expect(atMs === null || Number.isSafeInteger(atMs)).toBe(true)
  }
  for (const { value } of batteries) expect(Number.isFinite(value)).toBe(true)
  for (const { position } of valves) expect(['open', 'closed']).toContain(position)
  for (const { ranMs, litres } of ran)
    expect(Number.isFinite(ranMs) && (litres === null || litres >= 0)).toBe(true)
  expect(ignored.length).toBeLessThanOrEqual(40)
  expect(everyS === null || Number.isInteger(everyS)).toBe(true)
}

describe('a hostile message', () => {
  it.each(samples)('of %s becomes values, nothing, or a dead letter that names the field', (kind, sample) => {
    const device = fc.constantFrom(...profiles)
    fc.assert(
      fc.property(hostileCopy(sample), device, (message, profile) => {
        const read = readEnvelope(kind, message)
        if (read.ok && read.value !== null) {
          expectSound(read.value)
          matchProfiles(kind, read.value, profiles)
        }
        expectUsable(decodeMessage(kind, message, () => null))
        expectUsable(decodeMessage(kind, message, () => ({ profile, assignment: answers, previous: null })))
      }),
      { numRuns: runs(500) },
    )
  })

  it.each(profiles.map((profile): [string, Profile] => [profile.name, profile]))(
    'of %s with a hostile value in any field that its profile reads is no fault of ours',
    (_name, profile) => {
      const paths = pathsOf(profile)
      if (paths.length === 0) return
      const context = { receivedMs: RECEIVED_MS, assignment: answers, definition: {}, previous: null }
      fc.assert(
        fc.property(fc.constantFrom(...paths), hostileValue, hostileValue, (path, value, before) => {
          const fields = fieldsWith(path, value) as Record<string, unknown>
          const previous = fieldsWith(path, before) as Record<string, unknown>
          for (const read of [
            applyProfile(profile, fields, context),
            applyProfile(profile, fields, { ...context, previous }),
          ])
            if (read.ok)
              expect(read.value.values.every((v) => v.value === null || Number.isFinite(v.value))).toBe(true)
            else expect(`profile ${profile.name}@1: ${read.error}`).toMatch(REASON)
        }),
        { numRuns: runs(300) },
      )
    },
  )

  it.each(codecNames)(
    'with any bytes through the codec %s is fields, or an error that names the place',
    (codec) => {
      const models = codecModels[codec] ?? ['']
      fc.assert(
        fc.property(
          fc.constantFrom(...models),
          fc.integer({ min: -1, max: 300 }),
          fc.uint8Array({ maxLength: 256 }),
          (model, fPort, bytes) => {
            const decoded = decodeFrame(codec, model, fPort, bytes)
            if (!decoded.ok) expect(decoded.error).toMatch(/: \S/)
          },
        ),
        { numRuns: runs(5_000) },
      )
    },
  )

  it('of a Zigbee gateway that lists its devices is a list of units, or an error that names it', () => {
    const sample: ForeignMessage = {
      topic: 'zigbee2mqtt/bridge/devices',
      payload: Buffer.from(
        JSON.stringify({
          list: [
            {
              friendly_name: 'bed',
              definition: { model: 'm', exposes: [{ property: 'flow', unit: 'L/h' }] },
            },
          ],
        }),
      ),
      isRetained: true,
      receivedMs: RECEIVED_MS,
    }
    fc.assert(
      fc.property(hostileCopy(sample), ({ payload }) => {
        const text = Buffer.from(payload).toString()
        const list = /^\{"list":(.*)\}$/s.exec(text)?.[1] ?? text
        const read = readZigbeeDefinitions(Buffer.from(list))
        if (!read.ok) expect(read.error).toMatch(REASON)
        if (!read.ok) return
        for (const { model, units } of read.value.values()) {
          expect(typeof model).toBe('string')
          expect(Object.values(units).every((unit) => typeof unit === 'string')).toBe(true)
        }
      }),
      { numRuns: runs(5_000) },
    )
  })
})
