/**
 * What stands on a device's label, as a QR code: `tilth:claim?code=K3QF-7M2P-...&kind=probe`. A controller names its
 * outputs as well: `&valves=V1,V2`. What is not known is passed over, so that labels can say more one day. Pure.
 */
import { parseClaimCode } from './claim-code.ts'
import { err, ok, type Result } from './result.ts'

const KINDS = ['probe', 'station', 'trap', 'gauge', 'controller'] as const

export interface ClaimLabel {
  code: string // in its one spelling
  kind: (typeof KINDS)[number] | null // null: the label does not say
  valves: string[] // outputs of a controller
}

const SCHEME = 'tilth:claim?'
const MAX_LENGTH = 2_000
const MAX_VALVES = 64
const VALVE = /^[A-Za-z0-9_-]{1,40}$/

/** The text of a label, for who prints it. */
export function claimLabel({ code, kind, valves }: ClaimLabel): string {
  const parts = [`code=${code}`]
  if (kind !== null) parts.push(`kind=${kind}`)
  if (valves.length > 0) parts.push(`valves=${valves.join(',')}`)
  return SCHEME + parts.join('&')
}

/** Reads the text of a label. A bare claim code is one as well. */
export function parseClaimLabel(text: string): Result<ClaimLabel> {
  if (text.length > MAX_LENGTH) return err(`label: expected ${MAX_LENGTH} signs at most, got ${text.length}`)
  const isUri = text.slice(0, SCHEME.length).toLowerCase() === SCHEME
  const said = new URLSearchParams(isUri ? text.slice(SCHEME.length) : { code: text })
  const code = parseClaimCode(said.get('code') ?? '')
  if (!code.ok) return code
  const kind = KINDS.find((known) => known === said.get('kind')) ?? null
  const valves = (said.get('valves') ?? '').split(',').filter((valve) => valve !== '')
  const wrong = valves.find((valve) => !VALVE.test(valve))
  if (wrong !== undefined)
    return err(
      `valves: expected names of letters, digits, - and _, got ${JSON.stringify(wrong.slice(0, 40))}`,
    )
  if (valves.length > MAX_VALVES) return err(`valves: expected ${MAX_VALVES} at most, got ${valves.length}`)
  return ok({ code: code.value, kind, valves: [...new Set(valves)] })
}
