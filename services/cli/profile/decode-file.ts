/** Decodes the message of a file with the profiles at hand. */
import { decodeMessage, type DecodedMessage } from '../../integrations/decode-message.ts'
import type { Fields } from '../../integrations/foreign-message.ts'
import { readJsonFields } from '../../integrations/envelopes/json-fields.ts'
import { readEnvelope, type EnvelopeOptions } from '../../integrations/envelopes/read-envelope.ts'
import { matchProfiles } from '../../integrations/profiles/match-profile.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import { integrationOf, messageOf, type MessageFile } from './message-file.ts'

/** What became of a message, and the profiles that fit an address that nobody has assigned. */
export interface DecodedFile {
  decoded: DecodedMessage
  suggested: Profile[]
}

/** `profile`: the one of its device; null: nobody has assigned the address. */
export function decodeFile(
  file: MessageFile,
  profile: Profile | null,
  profiles: Iterable<Profile>,
  nowMs: number,
): DecodedFile {
  const kind = integrationOf(file)
  const message = messageOf(file, nowMs)
  const options: EnvelopeOptions =
    file.definition === undefined ? {} : { definitionOf: () => ({ model: '', units: file.definition! }) }
  const device =
    profile === null
      ? null
      : {
          profile,
          assignment: file.assignment ?? {},
          previous: previousFields(file),
        }
  const decoded = decodeMessage(kind, message, () => device, options)
  const read = readEnvelope(kind, message, options)
  const suggested = read.ok && read.value !== null ? matchProfiles(kind, read.value, profiles) : []
  return { decoded, suggested }
}

function previousFields({ previous }: MessageFile): Fields | null {
  const last = previous?.at(-1)
  if (last === undefined) return null
  const fields = readJsonFields(Buffer.from(last))
  return fields.ok ? fields.value : null
}
