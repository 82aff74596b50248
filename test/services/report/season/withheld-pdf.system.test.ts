/** The season on paper shows of a member what it has allowed and nothing more. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memberId } from '../../../../firmware-sim/demo/members/members.ts'
import { writeMembers } from '../../../../firmware-sim/demo/members/write-members.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { readReport } from '../../../../services/report/season/read-report.ts'
import type { FileDeps } from '../../../../services/report/jobs/file-query.ts'
import { describeWithPoppler, readPdf } from '../../../support/pdf.ts'
import { aliasOf, farmName, NAMELESS, NOW_MS, of, query, SILENT } from './withheld-members.ts'
import { seasonPdf } from '../../../../services/report/pdf/season-document.ts'
import { openTestState } from '../../../support/state.ts'

let opened: OpenState
beforeAll(async () => {
  opened = await openTestState()
  await writeMembers(opened.state, of)
})
afterAll(async () => {
  await opened.close()
})
const deps = (): FileDeps => ({ state: opened.state, version: '0.1.0', nowMs: NOW_MS })

describeWithPoppler('PDF', () => {
  it('prints withheld and the alias, and counts members that share nothing', async () => {
    const { text } = await readPdf(await seasonPdf(deps(), { ...query, lang: 'ja', unit: 'kg/10a' }))
    const { report, unshared } = await readReport(opened.state, query, NOW_MS)
    expect(text).toContain('非共有')
    expect(text).toContain(await aliasOf(opened.state, NAMELESS))
    expect(text).not.toContain(await farmName(opened.state, NAMELESS))
    expect(text).not.toContain(await farmName(opened.state, SILENT))
    expect(unshared).toBeGreaterThan(0)
    expect(text).toContain(`組合員${report.members.length}名`)
    // a line may break anywhere in Japanese
    expect(text.replace(/\s/g, '')).toContain(`ほかに共有していない組合員${unshared}名`)
  })

  it('of a member without a name is requested by the alias only', async () => {
    const alias = await aliasOf(opened.state, NAMELESS)
    expect((await readPdf(await seasonPdf(deps(), { ...query, farmId: alias }))).text).toContain(alias)
    await expect(seasonPdf(deps(), { ...query, farmId: memberId(of, NAMELESS) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
