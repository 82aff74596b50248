/**
 * The QR code on a device label: `tilth:claim?code=K3QF-7M2P-...&kind=probe`. A controller lists its outputs as well:
 * `&valves=V1,V2`. Unknown parameters are ignored, so that labels can be extended. Pure.
 */
import { parseClaimCode } from './claim-code.ts'
import { err, ok, type Result } from './result.ts'

const KINDS = ['probe', 'station', 'trap', 'gauge', 'controller'] as const

export interface ClaimLabel {
  code: string // in its canonical form
  kind: (typeof KINDS)[number] | null // null: not on the label
  valves: string[] // outputs of a controller
}

const SCHEME = 'tilth:claim?'
const MAX_LENGTH = 2_000
const MAX_VALVES = 64
const VALVE = /^[A-Za-z0-9_-]{1,40}$/

/** The text of a label, to be printed. */
export function claimLabel({ code, kind, valves }: ClaimLabel): string {
  const parameters = [`code=${code}`]
  if (kind !== null) parameters.push(`kind=${kind}`)
  if (valves.length > 0) parameters.push(`valves=${valves.join(',')}`)
  return SCHEME + parameters.join('&')
}

/** Parses the text of a label. A bare claim code is valid too. */
export function parseClaimLabel(text: string): Result<ClaimLabel> {
  if (text.length > MAX_LENGTH)
    return err(`label: expected ${MAX_LENGTH} characters at most, got ${text.length}`)
  const isUri = text.slice(0, SCHEME.length).toLowerCase() === SCHEME
  const params = new URLSearchParams(isUri ? text.slice(SCHEME.length) : { code: text })
  const code = parseClaimCode(params.get('code') ?? '')
  if (!code.ok) return code
  const kind = KINDS.find((deviceKind) => deviceKind === params.get('kind')) ?? null
  const valves = (params.get('valves') ?? '').split(',').filter((valve) => valve !== '')
  const invalid = valves.find((valve) => !VALVE.test(valve))
  if (invalid !== undefined)
    return err(
      `valves: expected names of letters, digits, - and _, got ${JSON.stringify(invalid.slice(0, 40))}`,
    )
  if (valves.length > MAX_VALVES) return err(`valves: expected ${MAX_VALVES} at most, got ${valves.length}`)
  return ok({ code: code.value, kind, valves: [...new Set(valves)] })
}
