/** After an erasure no file of the data folder contains a name, an id or a code of what was erased. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memberId } from '../../../../firmware-sim/demo/members/members.ts'
import type { MembersOptions } from '../../../../firmware-sim/demo/members/types.ts'
import { writeMembers } from '../../../../firmware-sim/demo/members/write-members.ts'
import { startIngest, type Ingest } from '../../../../services/ingest/ingest.ts'
import { verifyAudit } from '../../../../services/audit/audit-log.ts'
import { silent } from '../../../broker/rig.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'
import { filesWithText } from '../../../support/files-with-text.ts'

const CO_OP: MembersOptions = { coop: 'midori', members: 6, fields: 30, year: 2026, yearsBack: 1 }
const GONE = 2
const GONE_ID = memberId(CO_OP, GONE)

let tilth: TestApi
let ingest: Ingest
let admin: string
beforeEach(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  ingest = await startIngest({ ...tilth, log: silent })
})
afterEach(async () => {
  await ingest.stop()
  await tilth.stop()
})

const found = (texts: readonly string[]): string[] => filesWithText(tilth.dir, texts)

async function send(org: string, n: number): Promise<void> {
  const measurements = [{ soil: { depth: 30, moisture: 21.4 } }]
  const message = { v: 1, n, boot: 1, monoMs: n, time: new Date(NOW_MS - 60_000 + n).toISOString() }
  const payload = Buffer.from(JSON.stringify({ ...message, measurements }))
  const device = `${org}-probe`
  await tilth.journal.append({ org, device, receivedMs: tilth.clock.now() - 1, payload })
}

describe('after the erasure of a farm', () => {
  it('its names, ids and codes are in no file, and the audit is still whole (B15)', async () => {
    const akane = await tilth.signUp('akane', 'admin')
    await plantFarm(tilth.state, 'akane')
    for (let n = 1; n <= 50; n++) await send('akane', n)
    await ingest.settled()
    const renamed = await tilth.call(akane, 'PATCH', '/api/fields/akane-field', { name: 'Quillwort meadow' })
    expect(renamed.status, renamed.text).toBe(200)
    const { body: farms } = await tilth.call(akane, 'GET', '/api/export')
    expect(farms).toBeNull()
    const names = ['akane-farm', 'akane-field', 'akane-paddy', 'akane-probe', 'akane-zone', 'akane-season']
    const texts = [...names, 'akane Sato', '0412-0031', 'Quillwort meadow', 'akane Paddy 7']
    for (const text of texts) expect(found([text]), text).not.toEqual([])
    const answer = await tilth.call(akane, 'DELETE', '/api/farms/akane-farm', { name: 'akane Sato' })
    expect(answer.status, answer.text).toBe(200)
    expect(found(texts)).toEqual([])
    const { broken, redacted } = await verifyAudit(tilth.state, 'akane')
    expect(broken).toBeNull()
    expect(redacted).toBeGreaterThan(0)
  })
})

describe('a member without an account', () => {
  const erase = (name: string, cookie = admin) =>
    tilth.call(cookie, 'DELETE', `/api/memberships/${GONE_ID}-is`, { name })

  it('is erased by its co-operative, without a byte left, and no other member with it', async () => {
    await writeMembers(tilth.state, CO_OP)
    await tilth.call(admin, 'POST', `/api/memberships/${GONE_ID}-is/codes`, {
      memberCode: 'KX-77-19',
      jaCode: 'JA-55-3',
    })
    const order = { format: 'geojson', year: '2026', crop: 'rice' }
    expect((await tilth.call(admin, 'POST', '/api/reports', order)).status).toBe(200)
    const { state } = tilth
    const farm = await state
      .selectFrom('farm')
      .selectAll()
      .where('org', '=', GONE_ID)
      .executeTakeFirstOrThrow()
    const fields = await state.selectFrom('field').selectAll().where('org', '=', GONE_ID).execute()
    const seasons = await state.selectFrom('season').select('id').where('org', '=', GONE_ID).execute()
    const ids = [...fields, ...seasons].map(({ id }) => id)
    const texts = [GONE_ID, `${GONE_ID}-is`, farm.name, 'KX-77-19', 'JA-55-3', 'M003', ...ids]
    for (const text of texts) expect(found([text]), text).not.toEqual([])
    const others = async () =>
      (await state.selectFrom('harvestLoad').select('id').where('org', '!=', GONE_ID).execute()).length
    const before = await others()

    expect((await erase('another name')).status).toBe(400)
    expect((await erase(GONE_ID, await tilth.signUp('akane', 'admin'))).status).toBe(404)
    const answer = await erase(farm.name)
    expect(answer.status, answer.text).toBe(200)
    expect(found(texts)).toEqual([])
    expect(await others()).toBe(before)
    expect((await verifyAudit(state, 'midori')).broken).toBeNull()
    const { body: memberships } = await tilth.call(admin, 'GET', '/api/memberships')
    expect(memberships).toHaveLength(CO_OP.members - 1)
  }, 20_000)

  it('who has an account erases its own farms', async () => {
    await writeMembers(tilth.state, CO_OP)
    await tilth.signUp(GONE_ID, 'admin')
    expect((await erase(`${GONE_ID} co-op`)).status).toBe(403)
  })
})
