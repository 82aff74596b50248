/** Which profile fits a device that nobody has assigned yet. */
import type { IntegrationKind } from '../../tables/integration.ts'
import type { Envelope } from '../foreign-message.ts'
import type { Profile } from './read-profile.ts'

/** A name longer than this is no name of a model. */
const MAX_NAME = 100

/**
 * The profiles that fit, best first: those that name the model, else those whose fields the message has. Several: a
 * person chooses by their values; none: from the list.
 */
export function matchProfiles(
  kind: IntegrationKind,
  { hints, fields, normalized }: Pick<Envelope, 'hints' | 'fields' | 'normalized'>,
  profiles: Iterable<Profile>,
): Profile[] {
  const all = [...profiles]
  const named = all.filter(({ match }) => isNamed(kind, hints, match))
  if (named.length > 0) return named
  const general = all.filter(({ match }) => match.isNormalized && normalized.length > 0)
  if (general.length > 0) return general
  const only = all.filter(({ match }) => match.integration === kind)
  if (only.length > 0) return only
  if (fields === null) return []
  return all.filter(
    ({ match }) => match.fields.length > 0 && hasFields(fields, match.fields) && speaks(kind, match),
  )
}

/** Whether the decoded message has a name of each list; a profile that asks for none accepts every message. */
export const hasFields = (
  fields: Readonly<Record<string, unknown>>,
  lists: readonly (readonly string[])[],
): boolean => lists.every((names) => names.some((name) => Object.hasOwn(fields, name)))

function isNamed(
  kind: IntegrationKind,
  { model, brand }: Envelope['hints'],
  match: Profile['match'],
): boolean {
  if (model === null || model.length > MAX_NAME) return false
  if (kind === 'chirpstack') return match.chirpstack?.test(model) ?? false
  if (kind === 'zigbee2mqtt') return match.zigbee2mqtt?.test(model) ?? false
  if (kind === 'shelly') return match.shelly?.test(model) ?? false
  if (kind !== 'the-things-stack' || match.thingsStack === null) return false
  return (
    (match.thingsStack.brand === null || match.thingsStack.brand === brand) &&
    match.thingsStack.model.test(model)
  )
}

/** Whether the profile is of a model that this integration can forward. */
function speaks(kind: IntegrationKind, match: Profile['match']): boolean {
  if (kind === 'chirpstack' || kind === 'the-things-stack')
    return match.chirpstack !== null || match.thingsStack !== null
  return kind === 'zigbee2mqtt' ? match.zigbee2mqtt !== null : false
}
