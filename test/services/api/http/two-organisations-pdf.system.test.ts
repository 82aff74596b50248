/** The season on paper shows nothing of another organisation. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithPoppler, readPdf } from '../../../support/pdf.ts'
import { callOf } from '../route-cases.ts'
import { plantOrganisations } from '../route-cases/plant.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let planted: Awaited<ReturnType<typeof plantOrganisations>>

beforeAll(async () => {
  tilth = await startTestApi()
  planted = await plantOrganisations(tilth)
})
afterAll(() => tilth.stop())

describeWithPoppler('what is shown on paper', () => {
  it('GET /api/reports/season.pdf is of the own organisation alone', async () => {
    const { url } = callOf('GET /api/reports/season.pdf', 'midori', planted.known)
    const headers = { cookie: planted.admin.midori!, host: 'farm.local' }
    const { rawPayload } = await tilth.api.inject({ method: 'GET', url, headers })
    const { text } = await readPdf(rawPayload)
    expect(text).toContain('midori')
    expect(text).not.toContain('akane')
  })
})
