/** Messages of assigned devices that their profile could not read: rejected messages, by device and reason. */
import { profileFaults, profileReasonStart } from '../../integrations/profiles/profile-faults.ts'
import { readEnvelope } from '../../integrations/envelopes/read-envelope.ts'
import { keptMessage } from '../../integrations/foreign-message.ts'
import type { DeadLetter } from '../../../broker/contract/journal.ts'
import type { State } from '../../ports.ts'
import type { Journal } from '../../ports/journal.ts'
import type { IntegrationRow } from '../../tables.ts'
import type { UnreadMessages } from './unread-schemas.ts'
import { optionsOf } from './unassigned-messages.ts'

/** Of each reason as many letters are read. */
const MAX_LETTERS = 200

/** By device, profile version and reason; the newest first. */
export async function listUnread(
  state: State,
  journal: Pick<Journal, 'deadLetterGroups' | 'deadLetters'>,
  org: string,
): Promise<UnreadMessages[]> {
  const reasons = journal
    .deadLetterGroups(org)
    .filter(({ reason }) => profileFaults([groupOf(reason)]).length > 0)
  if (reasons.length === 0) return []
  const integrations = new Map(
    (await state.selectFrom('integration').selectAll().where('org', '=', org).execute()).map((row) => [
      row.id,
      row,
    ]),
  )
  const assigned = await state
    .selectFrom('assignedAddress')
    .innerJoin('device', 'device.id', 'assignedAddress.deviceId')
    .select(['assignedAddress.integrationId', 'assignedAddress.address', 'device.id', 'device.name'])
    .where('assignedAddress.org', '=', org)
    .execute()
  const devices = new Map(
    assigned.map(({ integrationId, address, id, name }) => [`${integrationId} ${address}`, { id, name }]),
  )
  const unread = new Map<string, UnreadMessages>()
  for (const { reason } of reasons) {
    await new Promise(setImmediate)
    const [fault] = profileFaults([groupOf(reason)])
    for (const letter of journal.deadLetters({ org, reason, limit: MAX_LETTERS })) {
      const integration = integrations.get(letter.foreign?.integration ?? '')
      const address = integration === undefined ? null : addressOf(letter, integration)
      const device = devices.get(`${integration?.id} ${address}`)
      if (device === undefined) continue
      const key = `${device.id} ${reason}`
      const known = unread.get(key)
      unread.set(key, {
        deviceId: device.id,
        deviceName: device.name,
        profile: fault!.profile,
        version: fault!.version ?? 0,
        reason: fault!.faults[0]!,
        count: (known?.count ?? 0) + 1,
        sinceMs: Math.min(known?.sinceMs ?? Infinity, letter.receivedMs),
        lastMs: Math.max(known?.lastMs ?? 0, letter.receivedMs),
      })
    }
  }
  return [...unread.values()].sort((a, b) => b.lastMs - a.lastMs)
}

/** Sends the messages that the profiles of this device have rejected through the profile of now; returns how many. */
export async function readAgain(
  state: State,
  journal: Pick<Journal, 'deadLetterGroups' | 'deadLetters' | 'replayAll'>,
  org: string,
  deviceId: string,
): Promise<number> {
  const mine = (await listUnread(state, journal, org)).filter((unread) => unread.deviceId === deviceId)
  const starts = new Set(
    mine.map(({ profile, version }) => profileReasonStart(profile, version === 0 ? null : version)),
  )
  let messages = 0
  for (const reasonStart of starts)
    for (let afterId: number | null = 0; afterId !== null;) {
      const { replayed, nextAfterId } = await journal.replayAll({ org, reasonStart, afterId })
      messages += replayed
      afterId = nextAfterId
    }
  return messages
}

const groupOf = (reason: string) => ({ reason, count: 1, devices: 1, newestId: 1, newestMs: 0 })

function addressOf(letter: DeadLetter, integration: IntegrationRow): string | null {
  const { topic, isRetained } = letter.foreign!
  const { payload, receivedMs } = letter
  const message = keptMessage({ topic, isRetained, payload, receivedMs }, integration.url)
  const envelope = readEnvelope(integration.kind, message, optionsOf(integration))
  return envelope.ok ? (envelope.value?.address ?? null) : null
}
