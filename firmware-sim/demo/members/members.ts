/**
 * The members of a large co-operative as rows: persons, fields and consents. Derived from the options, so that equal
 * options always give equal rows.
 */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { random } from '../../random.ts'
import { addFieldSeason } from './field-season.ts'
import { namesIn } from './member-names.ts'
import { plainWeather } from './plain-weather.ts'
import type { MemberRows, MembersOptions, PlainWeather, Row } from './types.ts'

const TIME_ZONE = 'Asia/Tokyo'
/** the mean of a co-operative of 214 members with 1,900 fields */
export const FIELDS_PER_MEMBER = 1_900 / 214
const MONTH_MS = 30 * DAY_MS

/**
 * Each member as an organisation of its own that has joined the co-operative. A generator, because all rows take much
 * memory.
 */
export function* ownOrganisations(options: MembersOptions): Generator<MemberRows> {
  const sky = plainWeather(options)
  for (const [m, fields] of distributeFields(options).entries()) {
    const org = memberId(options, m)
    yield { ...farmRows(options, sky, { m, org, fields }), ...membershipRows(options, m, org) }
  }
}

/** All farms within the co-operative's own organisation. */
export function oneOrganisation(options: MembersOptions): MemberRows {
  const sky = plainWeather(options)
  const rows = emptyRows()
  for (const [m, fields] of distributeFields(options).entries()) {
    const memberRows = farmRows(options, sky, { m, org: options.coop, fields })
    for (const table of Object.keys(rows) as (keyof MemberRows)[])
      for (const row of memberRows[table]) (rows[table] as object[]).push(row)
  }
  return rows
}

/** ID of the organisation and farm of a member; members count from 0. */
export const memberId = ({ coop }: Pick<MembersOptions, 'coop'>, m: number): string => `${coop}-m${m}`

function emptyRows(): MemberRows {
  return {
    farm: [],
    field: [],
    zone: [],
    season: [],
    harvestLoad: [],
    irrigation: [],
    treatment: [],
    fieldDay: [],
    diseaseDay: [],
    consent: [],
    membership: [],
  }
}

/** The field numbers of each member: at least one each, and more for the first members. */
function distributeFields({ coop, members, fields }: MembersOptions): number[][] {
  const chance = random(`${coop}/fields`)
  const fieldNumbers = Array.from({ length: members }, (_, m) => [m])
  for (let f = members; f < fields; f++) fieldNumbers[Math.floor(members * chance.next() ** 1.5)]!.push(f)
  return fieldNumbers
}

interface Member {
  m: number
  org: string
  fields: readonly number[]
}

function farmRows(options: MembersOptions, sky: PlainWeather, { m, org, fields }: Member): MemberRows {
  const rows = emptyRows()
  const farmId = memberId(options, m)
  rows.farm.push({
    id: farmId,
    org,
    name: namesIn(options.language).person(m),
    memberCode: codeOf(m),
    timeZone: TIME_ZONE,
    latDeg: 37.5,
    lonDeg: 138.9,
    elevationM: 20,
    createdAtMs: 0,
  })
  for (const f of fields) {
    const fieldId = `${options.coop}-f${f}`
    const areaM2 = areaOf(options, f)
    const base = { org, farmId, fieldId }
    rows.field.push({
      id: fieldId,
      org,
      farmId,
      name: namesIn(options.language).field(f),
      kind: 'paddy',
      areaM2,
      soilTexture: 'loam',
      fieldCapacity: 0.3,
      wiltingPoint: 0.14,
      saturation: 0.46,
      stationId: null,
      geojson: null,
    })
    if (hasZone(f))
      rows.zone.push({
        ...base,
        id: `${fieldId}-z`,
        name: namesIn(options.language).inlet,
        areaM2,
        method: 'flood',
        applicationRateMmH: 20,
        efficiency: 1,
        wettedFraction: 1,
        mode: 'advise',
        madFraction: null,
        maxDepthMm: 60,
        minMinutes: 5,
        maxMinutes: 600,
        windowFromMin: 0,
        windowToMin: 0,
        controllerId: null,
        valve: null,
        pumpId: null,
        adjustPercent: 0,
        pausedUntilMs: null,
        dailyMaxLitres: null,
      })
    for (let back = 0; back <= options.yearsBack; back++)
      addFieldSeason(rows, {
        of: options,
        sky,
        base,
        m,
        f,
        areaM2,
        back,
        isBare: isBare(f),
        hasZone: hasZone(f),
      })
  }
  return rows
}

/** A few fields have only a planting date, and some have no known inlet. */
const isBare = (f: number): boolean => f % 41 === 13
const hasZone = (f: number): boolean => !isBare(f) && f % 17 !== 11

/**
 * Areas like those of paddies in Japan: mostly 10 to 30 a, at least 3 a, at most 1.2 ha, and every twelfth exactly 12
 * a.
 */
function areaOf({ coop }: MembersOptions, f: number): number {
  if (f % 12 === 5) return 1_200
  const drawnM2 = 2_000 * Math.exp(0.6 * random(`${coop}/area/${f}`).normal())
  return 10 * Math.round(Math.min(12_000, Math.max(300, drawnM2)) / 10)
}

const codeOf = (m: number): string => `0412-${String(1_000 + m)}`

type Visibility = Pick<Row<'consent'>, 'seesYield' | 'seesWater' | 'seesSprays' | 'isNamed'>
const VISIBLE: Visibility = { seesYield: 1, seesWater: 1, seesSprays: 1, isNamed: 1 }
const HIDDEN: Visibility = { seesYield: 0, seesWater: 0, seesSprays: 0, isNamed: 0 }
/** Successive consents of a member; most share everything with their name. Members get these histories in turn. */
const consentHistories: readonly Visibility[][] = [
  ...[
    [VISIBLE],
    [VISIBLE],
    [VISIBLE],
    [{ ...VISIBLE, isNamed: 0 }],
    [VISIBLE],
    [{ ...VISIBLE, seesWater: 0 }],
    [VISIBLE],
  ],
  ...[
    [VISIBLE],
    [{ ...VISIBLE, seesSprays: 0 }],
    [VISIBLE],
    [],
    [VISIBLE],
    [{ ...VISIBLE, isNamed: 0 }],
    [VISIBLE],
    [VISIBLE],
  ],
  ...[[VISIBLE, HIDDEN], [VISIBLE], [{ ...VISIBLE, seesYield: 0 }], [HIDDEN, VISIBLE], [VISIBLE]],
] as Visibility[][]

function membershipRows({ coop, year, yearsBack }: MembersOptions, m: number, org: string) {
  const joinedMs = Date.UTC(year - yearsBack, 0) - MONTH_MS
  const membershipId = `${org}-is`
  const consentAtMs = (nth: number): AtMs => joinedMs + (nth + 1) * MONTH_MS
  return {
    membership: [
      {
        id: membershipId,
        org,
        coop,
        memberCode: codeOf(m),
        jaCode: null,
        alias: `M${String(m + 1).padStart(3, '0')}`,
        joinedMs,
        endedMs: null,
      },
    ],
    consent: consentHistories[m % consentHistories.length]!.map((visibility, nth) => ({
      id: `${membershipId}-${nth}`,
      org,
      membershipId,
      atMs: consentAtMs(nth),
      actor: 'person',
      ...visibility,
      signedDocumentRef: null,
    })),
  }
}
