/** Kept messages of addresses that nobody has assigned, as the profiles read them. */
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { keptMessage, type ForeignMessage } from '../../integrations/foreign-message.ts'
import { describeDevice, type ProfileView } from '../../integrations/describe-device.ts'
import type { EnvelopeOptions } from '../../integrations/envelopes/read-envelope.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import type { State } from '../../ports.ts'
import { readDefinitions, type IntegrationRow } from '../../tables.ts'
import type { ProfileFit, ProfileQuestion, UnassignedList } from './unassigned-schemas.ts'

const MAX_ADDRESSES = 500
// of an address: integrations with a topic for each value have many
const MAX_TOPICS = 12
const MAX_QUESTIONS = 2
/** the event loop gets a turn after as many */
const PER_TURN = 5

/** The newest first, at most 500. `isHidden`: those that a person has hidden, else the others. */
export async function listUnassigned(
  state: State,
  org: string,
  isHidden: boolean,
  profiles: ReadonlyMap<string, Profile>,
): Promise<UnassignedList> {
  const integrations = new Map(
    (await state.selectFrom('integration').selectAll().where('org', '=', org).execute()).map((row) => [
      row.id,
      row,
    ]),
  )
  const hidden = await state.selectFrom('hiddenAddress').selectAll().where('org', '=', org).execute()
  const isHiddenAddress = new Set(hidden.map(({ integrationId, address }) => `${integrationId} ${address}`))
  const found = await state
    .selectFrom('unassignedMessage')
    .select(['integrationId', 'address'])
    .select(({ fn }) => [fn.max<number>('receivedMs').as('lastMs'), fn.countAll<number>().as('messages')])
    .where('integrationId', 'in', (of) => of.selectFrom('integration').select('id').where('org', '=', org))
    .groupBy(['integrationId', 'address'])
    .orderBy('lastMs', 'desc')
    .limit(2 * MAX_ADDRESSES)
    .execute()
  const shown = found.filter(
    ({ integrationId, address }) => isHiddenAddress.has(`${integrationId} ${address}`) === isHidden,
  )
  const list: UnassignedList = {
    devices: [],
    hidden: hidden.length,
    isWhole: shown.length <= MAX_ADDRESSES && found.length < 2 * MAX_ADDRESSES,
  }
  for (const { integrationId, address, lastMs, messages } of shown.slice(0, MAX_ADDRESSES)) {
    const integration = integrations.get(integrationId)
    if (integration === undefined) continue
    if (list.devices.length % PER_TURN === 0) await new Promise(setImmediate)
    const kept = await keptMessages(state, integration, address)
    const { name, hints, signal, place, fits, problem } = describeDevice(
      integration.kind,
      kept,
      profiles,
      optionsOf(integration),
    )
    list.devices.push({
      integrationId,
      address,
      integrationName: integration.name,
      integrationKind: integration.kind,
      name,
      model: hints.model,
      messages: Number(messages),
      lastMs: Number(lastMs),
      signal,
      place,
      fits: fits.map(toFit),
      problem,
      isHidden,
    })
  }
  return list
}

/** The newest message of each topic of an address, newest first; empty: none is kept. */
export async function keptMessages(
  state: State,
  { id, url }: Pick<IntegrationRow, 'id' | 'url'>,
  address: string,
): Promise<ForeignMessage[]> {
  const newest = state
    .selectFrom('unassignedMessage')
    .select(['topic', 'receivedMs', 'isRetained', 'payload'])
    .select(sql<number>`row_number() over (partition by topic order by received_ms desc, seq desc)`.as('nth'))
    .where('integrationId', '=', id)
    .where('address', '=', address)
  const rows = await state
    .selectFrom(newest.as('newest'))
    .selectAll()
    .where('nth', '=', 1)
    .orderBy('receivedMs', 'desc')
    .limit(MAX_TOPICS)
    .execute()
  return rows.map(({ topic, receivedMs, isRetained, payload }) =>
    keptMessage(
      { topic, receivedMs, isRetained: isRetained === 1, payload: Buffer.from(payload, 'base64') },
      url,
    ),
  )
}

/** What the gateway of an integration has published about its devices. */
export function optionsOf({ definitions }: Pick<IntegrationRow, 'definitions'>): EnvelopeOptions {
  const byName = definitions === null ? {} : readDefinitions(definitions)
  return { definitionOf: (name) => (Object.hasOwn(byName, name) ? byName[name]! : null) }
}

/** What a profile reads, as the page shows it. */
export function toFit(view: ProfileView): ProfileFit {
  const { profile, values, battery, valves, inputs, ignored, problem } = view
  return {
    profile: profile.name,
    version: profile.version,
    title: profile.title,
    kind: profile.kind,
    values: values.map(({ quantity, depthCm, value }) => ({
      quantity,
      depthCm,
      value: value!,
      unit: quantityOf(quantity)?.unit ?? '',
    })),
    battery: battery === null ? null : { value: battery.value, unit: battery.unit },
    valves: valves.map(({ valve, position }) => ({ valve, position })),
    questions: questionsOf(profile),
    inputs,
    ignored,
    problem,
  }
}

/** What a person is asked about a device of a profile, at most two questions. */
export const questionsOf = ({ ask }: Profile): Static<typeof ProfileQuestion>[] =>
  ask
    .flatMap(({ name, type, default: preset = null }) =>
      type === 'channel' ? [] : [{ name, type, default: preset }],
    )
    // those without a default first: the page asks the others only when there is room
    .sort((a, b) => Number(a.default !== null) - Number(b.default !== null))
    .slice(0, MAX_QUESTIONS)
