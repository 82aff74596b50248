/**
 * Reports and harvests for the fixture's server, from the product's own report service over rows of a co-operative of
 * 24 members, which are inserted at the first request.
 */
import type { FastifyInstance } from 'fastify'
import { DAY_MS } from '../../broker/contract/time.ts'
import { virtualClock } from '../../broker/contract/virtual-clock.ts'
import { openSqliteSeries } from '../../services/adapters/sqlite/series.ts'
import type { Bus, State } from '../../services/ports.ts'
import { createReportService } from '../../services/report/jobs/report-service.ts'
import { filesInProcess } from '../../services/report/jobs/make-file.ts'
import type { ReportFormat } from '../../services/tables.ts'
import { insidePoint, type Position, type Shape } from '../../services/domain/geojson.ts'
import { toJson } from '../../services/tables.ts'
import { silent } from '../broker/rig.ts'
import { oneOrganisation } from '../../firmware-sim/demo/members/members.ts'
import type { MemberRows } from '../../firmware-sim/demo/members/types.ts'
import { writeMembers, writeRows } from '../../firmware-sim/demo/members/write-members.ts'
import { openFilledTestState } from '../support/state.ts'

const ORG = 'midori'
export const YEAR = 2026

export interface ReportOptions {
  /** 'none': no season exists; 'members': the members are organisations of their own; 'two-crops': rice and soybean */
  reports?: 'none' | 'members' | 'two-crops'
}

/** Adds shapes: paddies of 100 m along lanes, twelve per lane; one in sixteen without a shape. */
function withShapes(rows: MemberRows): MemberRows {
  let eastM = 0
  for (const [n, field] of rows.field.entries()) {
    if (n % 12 === 0) eastM = 0
    const [fromM, widthM, northM] = [eastM, field.areaM2 / 100, -112 * Math.floor(n / 12)]
    eastM += widthM + 4
    if (n % 16 === 15) continue
    const corner = (x: number, y: number): Position => [
      138.9 + (fromM + x) / 88_600,
      37.5 + (northM + y) / 111_000,
    ]
    const ring = [corner(0, 0), corner(widthM, 0), corner(widthM, 100), corner(0, 100), corner(0, 0)]
    field.geojson = toJson({ type: 'Polygon', coordinates: [ring] } as unknown)
  }
  return rows
}

async function writeSeasons(state: State, reports: ReportOptions['reports']): Promise<void> {
  if (reports === 'members')
    await writeMembers(state, { coop: ORG, members: 12, fields: 36, year: YEAR, yearsBack: 2 })
  else if (reports !== 'none')
    await writeRows(
      state,
      withShapes(oneOrganisation({ coop: ORG, members: 24, fields: 96, year: YEAR, yearsBack: 3 })),
    )
  if (reports === 'two-crops')
    await state.updateTable('season').set({ crop: 'soybean' }).where('fieldId', '=', `${ORG}-f95`).execute()
}

type NewReport = Query & { format: ReportFormat }
type Query = { year: string; crop?: string; farmId?: string; lang?: 'en' | 'ja'; unit?: 'kg/10a' | 't/ha' }

/** `now`: the fixture's morning in July; the reported season is already harvested. */
export function serveReports(
  app: FastifyInstance,
  options: ReportOptions,
  { now, notify }: { now: () => number; notify: (event: string, fields: string[]) => void },
): void {
  // the server notifies the phones of the state of their report orders
  const bus: Bus = {
    keepsRetained: true,
    publish: async () => notify('report', []),
    subscribe: async () => {},
    settled: async () => {},
    isConnected: () => true,
    onConnected: () => {},
    close: async () => {},
  }
  const openOnce = once(async () => {
    const { state, close } = await openFilledTestState(`reports ${options.reports}`, (state) =>
      writeSeasons(state, options.reports),
    )
    const series = await openSqliteSeries(':memory:')
    const clock = virtualClock(now() + 100 * DAY_MS)
    const files = filesInProcess({ state, series, secret: 'of the test' })
    const reports = createReportService({ state, bus, log: silent, clock, files, secret: 'of the test' })
    return { reports, state, clock, close: () => Promise.all([close(), series.close()]) }
  })
  app.get<{ Querystring: { sha256?: string; signature?: string } }>('/api/report-seal', async ({ query }) => {
    const { reports } = await openOnce()
    const { sha256, signature } = query
    return {
      publicKey: reports.publicKey(),
      isSigned: sha256 && signature ? reports.isSigned(sha256, signature) : null,
    }
  })
  app.get<{ Querystring: Query }>('/api/reports/season', async ({ query }) => {
    const { year, crop = null, farmId = null } = query
    const { reports } = await openOnce()
    const report = await reports.season({ org: ORG, year: year ? Number(year) : null, crop, farmId })
    return { clock: { nowMs: now(), speed: 1 }, ...report }
  })
  app.get<{ Querystring: Query }>('/api/reports/yields', async ({ query }) => {
    const { year, crop = null, farmId = null } = query
    const { reports } = await openOnce()
    const { fields, ...map } = await reports.yields({ org: ORG, year: Number(year), crop, farmId })
    return {
      ...map,
      fields: fields.map((field) => ({ ...field, at: insidePoint(field.shape as Shape) })),
      tiles: null,
    }
  })
  app.get<{ Querystring: Query }>('/api/reports/season.csv', async ({ query }, reply) => {
    const { year, lang = 'en', farmId = null } = query
    const { reports } = await openOnce()
    const { bytes, replaced } = await reports.shiftJisCsv({
      org: ORG,
      coop: 'Midori',
      farmId,
      year: Number(year),
      lang,
    })
    return reply
      .headers({ ...attachment(year, 'csv'), 'x-tilth-replaced': replaced })
      .send(Buffer.from(bytes))
  })
  app.get<{ Querystring: Query & { scheme: 'eu' | 'us' | 'jgap' } }>(
    '/api/reports/season.sprays',
    async ({ query: { year, crop = null, farmId = null, lang = 'en', scheme } }, reply) => {
      const { reports } = await openOnce()
      const bytes = await reports.spraysCsv({
        org: ORG,
        coop: 'Midori',
        farmId,
        year: Number(year),
        crop,
        lang,
        scheme,
      })
      return reply.headers(attachment(year, `${scheme}.csv`)).send(Buffer.from(bytes))
    },
  )
  app.post<{ Body: NewReport }>('/api/reports', async ({ body }) => {
    const { format, year, crop = null, lang = 'en', unit = 't/ha', farmId = null } = body
    const { reports, state, clock } = await openOnce()
    await clock.advanceTo(clock.now() + 1) // newest first
    const request = { coop: 'Midori', year: Number(year), crop, lang, unit, farmId }
    const order = await reports.orders.add(state, { org: ORG, requestedBy: 'person', format, query: request })
    reports.orders.start()
    return order
  })
  app.get('/api/reports', async () => ({ orders: await (await openOnce()).reports.orders.list(ORG) }))
  app.get<{ Params: { id: string } }>('/api/reports/:id/file', async ({ params }, reply) => {
    const { format, year, crop, file } = await (await openOnce()).reports.orders.file(ORG, params.id)
    return reply.headers(attachment(`${year}-${crop}`, format)).send(file)
  })
  app.get<{ Params: { id: string } }>('/api/fields/:id/loads', async ({ params }) => {
    // the paddies of the fixture's farm have the harvest of one of these fields
    if (!params.id.startsWith('paddy')) return { preHarvest: null, seasons: [] }
    const harvests = await (
      await openOnce()
    ).reports
      .harvests(ORG, `${ORG}-f0`)
      .catch(() => ({ seasons: [] }))
    return { ...harvests, preHarvest: { state: 'unknown', earliestDay: null } }
  })
  app.post('/api/fields/:id/loads', async ({ body }) => ({
    id: (body as { idem?: string }).idem ?? 'load-new',
    receivedMs: now(),
  }))
  app.post('/api/loads/:id/void', async () => ({ ok: true }))
  app.post('/api/seasons/:id/harvest', async () => ({ ok: true }))
  app.addHook('onClose', async () => {
    if (!openOnce.isBegun()) return
    const { reports, close } = await openOnce()
    await reports.stop()
    await close()
  })
}

const attachment = (year: string, end: string) => ({
  'content-type': 'application/octet-stream',
  'content-disposition': `attachment; filename="tilth-season-${year}.${end}"`,
})

function once<T>(make: () => Promise<T>): (() => Promise<T>) & { isBegun(): boolean } {
  let created: Promise<T> | null = null
  return Object.assign(() => (created ??= make()), { isBegun: () => created !== null })
}
