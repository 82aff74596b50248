/** What is there before the calls of the routes: two organisations, and in each an object for every call. */
import { hashSecret } from '../../../../broker/access/authenticate.ts'
import { newClaimCode } from '../../../../broker/contract/claim-code.ts'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import type { State } from '../../../../services/ports.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { respondToRequests } from '../respond-to-requests.ts'
import { PASSWORD, type TestApi } from '../test-api.ts'
import { plantIntegrations } from './integrations.ts'
import type { Known } from './route-case.ts'

export const zone = {
  name: 'x',
  areaM2: 100,
  method: 'drip',
  applicationRateMmH: 4,
  efficiency: 0.9,
  wettedFraction: 0.4,
  maxDepthMm: 20,
  minMinutes: 5,
  maxMinutes: 60,
  window: { fromMin: 0, toMin: 300 },
}

/** Two organisations with a farm, a member to take out, a dead letter, and spare objects that nothing hangs on. */
export async function plantOrganisations(
  tilth: TestApi,
): Promise<{ known: Known; admin: Record<string, string> }> {
  await respondToRequests(tilth.bus)
  const known: Known = { member: {}, letter: {}, spareLetter: {} }
  const admin: Record<string, string> = {}
  for (const org of ['midori', 'akane']) {
    await plantFarm(tilth.state, org)
    await plantSpares(tilth.state, org)
    await plantCoOp(tilth.state, org)
    await plantIntegrations(tilth, org)
    admin[org] = await tilth.signUp(org, 'admin')
    const { body } = await tilth.call(admin[org], 'GET', '/api/me')
    await plantNotices(tilth.state, org, body.user.id)
    const letterReasons = {
      probe: 'not JSON',
      station: 'not JSON',
      trap: `${org} is spare`,
      gauge: `${org} is not known`,
    }
    for (const [device, reason] of Object.entries(letterReasons))
      await tilth.journal.deadLetter({
        receivedMs: NOW_MS,
        org,
        device: `${org}-${device}`,
        topic: `tilth/v1/${org}/${org}-${device}/telemetry`,
        reason,
        payload: new TextEncoder().encode(`{"${org}`),
        bytes: 8,
      })
    const letters = tilth.journal.deadLetters({ org })
    const letterOf = (what: string) => String(letters.find(({ device }) => device === `${org}-${what}`)!.id)
    known.letter[org] = letterOf('probe')
    known.spareLetter[org] = letterOf('trap')
    known.member[org] = await tilth.api.createUser({
      email: `leaves@${org}.example`,
      password: PASSWORD,
      name: `${org} who leaves`,
      org,
      orgName: org,
      role: 'viewer',
    })
  }
  return { known, admin }
}

/** The code of an invitation into an organisation, the same in every test. */
export const invitationCode = (org: string): string =>
  newClaimCode((bytes) => new Uint8Array(bytes).fill(org.charCodeAt(0)))

/** As a co-operative with one member without an account, and a code for somebody who comes. */
async function plantCoOp(state: State, org: string): Promise<void> {
  await state
    .insertInto('membership')
    .values(
      ['', 'spare-'].map((spare) => ({
        id: `${org}-${spare}membership`,
        org: `${org}-${spare}member`,
        coop: org,
        memberCode: '0001',
        jaCode: null,
        alias: `M-${spare}${org}`,
        joinedMs: NOW_MS,
        endedMs: null,
      })),
    )
    .execute()
  const invitation = {
    org,
    purpose: 'member' as const,
    role: 'admin' as const,
    name: null,
    memberCode: null,
    jaCode: null,
    createdMs: NOW_MS,
    expiresMs: NOW_MS + DAY_MS,
    usedMs: null,
    actor: 'x',
  }
  // midori joins a third organisation, as it cannot join itself
  const into = { id: `${org}-open-invitation`, org: `${org}-elsewhere` }
  const codeHash = hashSecret(`invitation ${invitationCode(org)}`, 'pepper')
  await state
    .insertInto('invitationCode')
    .values([
      { ...invitation, id: `${org}-invitation`, codeHash: `${org} of none` },
      { ...invitation, ...into, codeHash },
    ])
    .execute()
}

/** A phone that receives the administrator's notifications, and a webhook. */
async function plantNotices(state: State, org: string, userId: string): Promise<void> {
  await state
    .insertInto('pushDevice')
    .values({
      id: `${org}-phone`,
      org,
      userId,
      name: `${org} phone`,
      createdAtMs: NOW_MS,
      pushUrl: `https://push.example/${org}`,
      pushKey: `B${'A'.repeat(86)}`,
      pushAuth: 'A'.repeat(22),
    })
    .execute()
  await state
    .insertInto('webhook')
    .values({
      org,
      hookUrl: 'http://127.0.0.1:9/alerts',
      salt: `${org} salt`,
      language: 'en',
      createdBy: userId,
      createdAtMs: NOW_MS,
    })
    .execute()
}

async function plantSpares(state: State, org: string): Promise<void> {
  const load = await state
    .selectFrom('harvestLoad')
    .selectAll()
    .where('id', '=', `${org}-load`)
    .executeTakeFirstOrThrow()
  await state
    .insertInto('harvestLoad')
    .values({ ...load, id: `${org}-load-misread`, ticket: `${org} 18` })
    .execute()
  const id = (what: string) => `${org}-spare-${what}`
  const farmId = `${org}-farm`
  const place = { timeZone: 'Asia/Tokyo', latDeg: 36.4, lonDeg: 140.2, elevationM: 30 }
  await state
    .insertInto('farm')
    .values({ id: id('farm'), org, name: `${org} spare`, memberCode: null, ...place, createdAtMs: NOW_MS })
    .execute()
  const soil = { soilTexture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.463 }
  const spareField = {
    id: id('field'),
    org,
    farmId,
    name: `${org} spare`,
    kind: 'upland',
    areaM2: 1,
  } as const
  await state
    .insertInto('field')
    .values([
      { ...spareField, ...soil, stationId: null, geojson: null },
      // to be divided, and to be put together
      ...['whole', 'east', 'west'].map((name) => ({
        ...spareField,
        ...soil,
        id: `${org}-${name}`,
        name,
        areaM2: 1000,
        stationId: null,
        geojson: null,
      })),
    ])
    .execute()
  await state
    .insertInto('pump')
    .values({ id: id('pump'), org, farmId, name: 'x', capacityLpm: 1, dailyM3: null, maxOpenValves: 1 })
    .execute()
  // a siren that nobody has bound yet
  await state
    .insertInto('valveState')
    .values({
      deviceId: `${org}-controller`,
      valve: 'S2',
      org,
      pos: 'closed',
      feedback: null,
      seq: 0,
      ranMs: 0,
      litres: null,
      why: 'boot',
      sess: 'b1.c1',
      reportedAtMs: NOW_MS,
      heartbeatAtMs: NOW_MS,
      boundMs: null,
      capMs: 7_200_000,
      isTimed: 0,
      kind: 'siren',
    })
    .execute()
  const { window, ...columns } = zone
  await state
    .insertInto('zone')
    .values({
      id: id('zone'),
      org,
      farmId,
      fieldId: `${org}-paddy`,
      ...columns,
      method: 'drip',
      mode: 'off',
      windowFromMin: window.fromMin,
      windowToMin: window.toMin,
      madFraction: null,
      adjustPercent: 0,
      controllerId: null,
      valve: null,
      pumpId: null,
      pausedUntilMs: null,
      dailyMaxLitres: null,
    })
    .execute()
  // a run that was cut short, of which nobody has said what becomes of the rest
  const run = await state
    .selectFrom('run')
    .selectAll()
    .where('id', '=', `${org}-run-done`)
    .executeTakeFirstOrThrow()
  await state
    .insertInto('run')
    .values({
      ...run,
      id: `${org}-failed-run`,
      state: 'failed',
      startMs: run.startMs - 1,
      endReason: 'lease',
    })
    .execute()
}
