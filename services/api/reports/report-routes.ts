/**
 * The season report: as data, and as files. A file is ordered and downloaded when it is made; a script may
 * also wait for it.
 */
import type { FastifyReply } from 'fastify'
import type { Static } from 'typebox'
import type { Caller } from '../http/caller.ts'
import { fail } from '../../errors.ts'
import { formatsOfAllCrops, type ReportQuery, type ReportFormat } from '../../tables.ts'
import { responses, ById } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { auditDownload } from './download-audit.ts'
import { orgLock } from '../http/org-lock.ts'
import {
  CsvQuery,
  FileQuery,
  NewReport,
  ReportOrder,
  ReportOrders,
  SealQuery,
  SealView,
  SeasonQuery,
  SeasonReportView,
  SpraysQuery,
  YieldMapView,
} from './report-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { usableShape } from '../../domain/validate-geojson.ts'
import { insidePoint } from '../../domain/geojson.ts'
import { audit } from '../http/audited-write.ts'
import { inOrg } from '../../runtime/transactions.ts'

const formats: Record<ReportFormat, { type: string; end: string }> = {
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', end: 'xlsx' },
  'xlsx-all': {
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    end: 'all-crops.xlsx',
  },
  pdf: { type: 'application/pdf', end: 'pdf' },
  geojson: { type: 'application/geo+json', end: 'geojson' },
  adapt: { type: 'application/json', end: 'adapt.json' },
  spring: { type: 'text/csv; charset=utf-8', end: 'spring.csv' },
  work: { type: 'text/csv; charset=utf-8', end: 'work.csv' },
}

/**
 * Need `read`; each order and download is audited. CONFLICT while a direct download of the organisation is being
 * made; RATE_LIMITED beyond five open orders.
 */
export function reportRoutes(app: App, context: Context): void {
  const { state, reports, clock, settings } = context
  const config = { needs: 'read' } as const
  // HEAD would make a file without a reader, and audit it
  const file = { config, exposeHeadRoute: false } as const
  const files = orgLock()

  /** NOT_FOUND when the report of the year has no such member. */
  async function checkMember(org: string, farmId: string | null, year: number): Promise<void> {
    if (farmId !== null && !(await reports.hasMember(org, farmId, year)))
      fail('NOT_FOUND', `farmId: there is no farm or member ${farmId} in this report`)
  }

  // an auditor has no account
  const anyone = { needs: 'public', limit: 'setup' } as const
  app.get(
    '/api/report-seal',
    {
      config: anyone,
      schema: {
        summary: 'Get the public key that signs report files, or check a signature',
        description:
          '`sha256` and `signature` of the seal of a file, hex; without them only the key is returned.',
        querystring: SealQuery,
        response: responses(SealView),
      },
    },
    async ({ query: { sha256, signature } }) => ({
      publicKey: reports.publicKey(),
      isSigned: sha256 === undefined || signature === undefined ? null : reports.isSigned(sha256, signature),
    }),
  )

  app.get(
    '/api/reports/season',
    {
      config,
      schema: {
        summary: 'Get the season report',
        querystring: SeasonQuery,
        response: responses(SeasonReportView),
      },
    },
    async ({ query: { year, crop = null, farmId = null }, caller: { org } }) => {
      const report = await reports.season({
        org,
        crop,
        farmId,
        year: year === undefined ? null : Number(year),
      })
      // a sharing member is not a farm of the organisation: the report itself lists its members
      if (farmId !== null && report.member === null) await ownRow(state, 'farm', org, farmId)
      return { clock: { nowMs: clock.now(), speed: settings.speed }, ...report }
    },
  )

  app.get(
    '/api/reports/yields',
    {
      config,
      schema: {
        summary: 'Get yields by field with their shapes',
        querystring: SeasonQuery,
        response: responses(YieldMapView),
      },
    },
    async ({ query: { year, crop = null, farmId = null }, caller: { org } }) => {
      const fileQuery = { org, crop, farmId, year: year === undefined ? null : Number(year) }
      if (farmId !== null && !(await reports.hasMember(org, farmId, fileQuery.year)))
        await ownRow(state, 'farm', org, farmId)
      const { fields, ...map } = await reports.yields(fileQuery)
      const drawnFields = fields.flatMap((field) => {
        const shape = usableShape(field.shape)
        return shape === null ? [] : [{ ...field, shape, at: insidePoint(shape) }]
      })
      const unplaced = map.unplaced + fields.length - drawnFields.length
      return { ...map, fields: drawnFields, unplaced, tiles: settings.mapTiles ?? null } as unknown as Static<
        typeof YieldMapView
      >
    },
  )

  app.get(
    '/api/reports/season.sprays',
    {
      ...file,
      schema: {
        summary: 'Download treatments in an audit scheme as CSV',
        produces: ['text/csv'],
        querystring: SpraysQuery,
      },
    },
    async ({ query: { year, crop = null, farmId = null, lang = 'en', scheme }, caller }, reply) => {
      const { org, orgName: coop } = caller
      await checkMember(org, farmId, Number(year))
      const bytes = await reports.spraysCsv({ org, coop, farmId, year: Number(year), crop, lang, scheme })
      await auditDownload(context, caller, { format: `sprays.${scheme}`, year: Number(year), farmId })
      void reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="tilth-sprays-${scheme}-${year}.csv"`)
      return reply.send(Buffer.from(bytes))
    },
  )

  app.get(
    '/api/reports/season.csv',
    {
      ...file,
      schema: { summary: 'Download the season as CSV', produces: ['text/csv'], querystring: CsvQuery },
    },
    async ({ query: { year, farmId = null, lang = 'en', encoding = 'utf-8' }, caller }, reply) => {
      const { org, orgName: coop } = caller
      const fileQuery = { org, coop, farmId, year: Number(year), lang }
      await checkMember(org, farmId, fileQuery.year)
      const { bytes, replaced } =
        encoding === 'utf-8'
          ? { bytes: await reports.csv(fileQuery), replaced: null }
          : await reports.shiftJisCsv(fileQuery)
      // a file that could not be made was not downloaded
      await auditDownload(context, caller, { format: 'csv', year: fileQuery.year, farmId })
      void reply
        .type(`text/csv; charset=${encoding}`)
        .header('content-disposition', `attachment; filename="tilth-season-${year}.csv"`)
      if (replaced !== null) void reply.header('x-tilth-replaced', String(replaced))
      return reply.send(Buffer.from(bytes))
    },
  )

  /** The crop is in the name: files of several crops lie in one folder. */
  const sendFile = (
    reply: FastifyReply,
    { format, year, crop }: { format: ReportFormat; year: number; crop: string | null },
    bytes: Uint8Array,
  ) => {
    const { type, end } = formats[format]
    const of = crop === null || formatsOfAllCrops.has(format) ? year : `${year}-${crop}`
    void reply.type(type).header('content-disposition', `attachment; filename="tilth-season-${of}.${end}"`)
    return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }

  const send = async (
    format: ReportFormat,
    query: Static<typeof FileQuery>,
    caller: Caller,
    reply: FastifyReply,
  ) => {
    const { org, orgName } = caller
    const end = files.acquire(org, 'a report is already being made; try again when it is done')
    try {
      const fileQuery = fileRequest(query, orgName)
      await checkMember(org, fileQuery.farmId, fileQuery.year)
      const bytes = await reports.file(format, { org, ...fileQuery })
      await auditDownload(context, caller, { format, year: fileQuery.year, farmId: fileQuery.farmId })
      return sendFile(reply, { format, ...fileQuery }, bytes)
    } finally {
      end()
    }
  }

  app.get(
    '/api/reports/season.xlsx',
    {
      ...file,
      schema: {
        summary: 'Download the season as an Excel workbook',
        produces: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
        querystring: FileQuery,
      },
    },
    (request, reply) => send('xlsx', request.query, request.caller, reply),
  )
  app.get(
    '/api/reports/season.pdf',
    {
      ...file,
      schema: {
        summary: 'Download the season report as PDF',
        produces: ['application/pdf'],
        querystring: FileQuery,
      },
    },
    (request, reply) => send('pdf', request.query, request.caller, reply),
  )
  app.get(
    '/api/reports/season.geojson',
    {
      ...file,
      schema: {
        summary: 'Download the season as GeoJSON',
        produces: ['application/geo+json'],
        querystring: FileQuery,
      },
    },
    (request, reply) => send('geojson', request.query, request.caller, reply),
  )
  app.get(
    '/api/reports/season.adapt',
    {
      ...file,
      schema: {
        summary: 'Download the season in the ADAPT standard',
        produces: ['application/json'],
        querystring: FileQuery,
      },
    },
    (request, reply) => send('adapt', request.query, request.caller, reply),
  )
  app.get(
    '/api/reports/season.spring',
    {
      ...file,
      schema: {
        summary: 'Download the season for the SPRING assessment',
        produces: ['text/csv'],
        querystring: FileQuery,
      },
    },
    (request, reply) => send('spring', request.query, request.caller, reply),
  )

  app.get(
    '/api/reports/season.work',
    {
      ...file,
      schema: { summary: 'Download the field work as CSV', produces: ['text/csv'], querystring: FileQuery },
    },
    (request, reply) => send('work', request.query, request.caller, reply),
  )

  app.post(
    '/api/reports',
    { config, schema: { summary: 'Order a report file', body: NewReport, response: responses(ReportOrder) } },
    async ({ body: { format, ...query }, caller }) => {
      const { org, orgName, userId: requestedBy } = caller
      const fileQuery = fileRequest(query, orgName)
      await checkMember(org, fileQuery.farmId, fileQuery.year)
      const order = await inOrg(state, org, async (rows) => {
        const added = await reports.orders.add(rows, { org, requestedBy, format, query: fileQuery })
        await audit({ state: rows, clock }, caller, 'report.order', added.id, { format, ...query })
        return added
      })
      reports.orders.start()
      return order
    },
  )

  app.get(
    '/api/reports',
    { config, schema: { summary: 'List ordered report files', response: responses(ReportOrders) } },
    async ({ caller: { org } }) => ({ orders: await reports.orders.list(org) }),
  )

  app.get(
    '/api/reports/:id/file',
    {
      ...file,
      schema: {
        summary: 'Download an ordered report file',
        produces: ['application/octet-stream'],
        params: ById,
      },
    },
    async ({ params: { id }, caller }, reply) => {
      const { file: bytes, ...ordered } = await reports.orders.file(caller.org, id)
      const { format, year, farmId } = ordered
      await auditDownload(context, caller, { subject: id, format, year, farmId })
      return sendFile(reply, ordered, bytes)
    },
  )
}

const fileRequest = (
  { year, crop, lang = 'en', unit = 't/ha', farmId }: Static<typeof FileQuery>,
  coop: string,
): ReportQuery => ({ coop, year: Number(year), crop: crop ?? null, lang, unit, farmId: farmId ?? null })
