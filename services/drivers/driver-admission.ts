/** Whether a wish to open is let through. Each gate is checked before each opening. */
import type { Requirement } from './driver-types.ts'
import type { DriverSetup, ForeignValve, OpenWanted } from './driver-state.ts'
import { parse, valuesAt } from './match.ts'
import type { NotOpenedCode, NotOpenedParams } from './message-keys.ts'

/** An unattended run of a valve whose closing nothing proves is no longer than this. */
const WEAK_PROOF_MS = 600_000
/** A valve that sleeps longer is opened by hand only. */
const LONGEST_SLEEP_MS = 600_000
const TEST_MS = 60_000

export interface Objection {
  code: NotOpenedCode
  params: NotOpenedParams
}

const objection = (code: NotOpenedCode, params: NotOpenedParams = {}): Objection => ({ code, params })

/** Why nothing opens; null: it may. */
export function objectionTo(setup: DriverSetup, valve: ForeignValve, open: OpenWanted): Objection | null {
  if (open.seq <= valve.lastSeq) return objection('SEQUENCE_USED')
  if (valve.monoMs > open.expMonoMs) return objection('EXPIRED')
  if (valve.lock !== null) return objection('LOCKED', { lock: valve.lock })
  if (valve.phase !== 'idle') return objection('BUSY')
  if (valve.said === 'open') return objection('BUSY')
  if (!valve.isLinkUp) return objection('LINK_DOWN')
  return objectionOfTrust(setup, open) ?? objectionOfRequirements(setup, valve)
}

function objectionOfTrust(setup: DriverSetup, open: OpenWanted): Objection | null {
  const { driver, testedProof, wakeMs } = setup
  const isTest = open.isTest && open.isByHand && open.durMs <= TEST_MS
  if (testedProof === null && !isTest) return objection('NOT_TESTED')
  if (open.isByHand) return null
  if (driver.bound?.isTrusted === false && !setup.hasMeter && !setup.hasSecondValve)
    return objection('NEEDS_METER')
  if ((testedProof === 'P0' || testedProof === 'P1') && open.durMs > WEAK_PROOF_MS)
    return objection('PROOF_TOO_WEAK')
  if (wakeMs !== null && wakeMs > LONGEST_SLEEP_MS)
    return objection('SLEEPS_TOO_LONG', { minutes: Math.round(wakeMs / 60_000) })
  return null
}

function objectionOfRequirements({ driver, address }: DriverSetup, valve: ForeignValve): Objection | null {
  for (const requirement of driver.requirementsOf(address)) {
    const said = valve.facts[factKey(requirement)]
    const { why } = requirement
    if (said === undefined) return objection('REQUIREMENT_UNKNOWN', { requirement: why })
    if (!isMet(requirement, said)) return objection('REQUIREMENT_UNMET', { requirement: why, value: said })
  }
  return null
}

export const factKey = ({ topic, path }: Requirement): string => `${topic} ${path}`

/** The fact that a message states; null: none. */
export function factIn({ entry, path }: Requirement, payload: string): string | null {
  const root = parse(payload)
  const places = entry === null ? [root] : (Array.isArray(root) ? root : []).filter(isEntry(entry))
  const [value] = places.flatMap((place) => valuesAt(place, path))
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

const isEntry =
  ({ path, equals }: { path: string; equals: string }) =>
  (place: unknown): boolean =>
    valuesAt(place, path).includes(equals)

function isMet({ must }: Requirement, said: string): boolean {
  return 'equalOneOf' in must ? must.equalOneOf.includes(said) : isVersionAtLeast(said, must.atLeast)
}

/** Compares `2.14.1` by its numbers. A version before its release (`2.6.0-dev`) or one that cannot be read is too old. */
export function isVersionAtLeast(said: string, atLeast: string): boolean {
  const parts = /^v?(\d+(?:\.\d+)*)$/.exec(said.trim())?.[1]?.split('.').map(Number)
  if (!parts) return false
  const wanted = atLeast.split('.').map(Number)
  for (let i = 0; i < Math.max(parts.length, wanted.length); i++) {
    const difference = (parts[i] ?? 0) - (wanted[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
