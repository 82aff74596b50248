/** The evidence of a paddy's mid-season drainage, for a J-Credit: as PDF and as JSON. */
import { ById } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { auditDownload } from './download-audit.ts'
import { orgLock } from '../http/org-lock.ts'
import { DrainageQuery } from './report-schemas.ts'
import { ownRow } from '../http/own-row.ts'

/** Need `read`; each download is audited. CONFLICT while a PDF of the organisation is being made. */
export function drainageRoutes(app: App, context: Context): void {
  const { state, reports } = context
  // HEAD would make a file without a reader, and audit it
  const file = { config: { needs: 'read' }, exposeHeadRoute: false } as const
  const files = orgLock()

  app.get(
    '/api/fields/:id/drainage.pdf',
    {
      ...file,
      schema: {
        summary: 'Download drainage evidence as PDF',
        produces: ['application/pdf'],
        params: ById,
        querystring: DrainageQuery,
      },
    },
    async ({ params, query: { year, lang = 'en' }, caller }, reply) => {
      const { org, orgName } = caller
      await ownRow(state, 'field', org, params.id)
      const end = files.acquire(org, 'a report is already being made; try again when it is done')
      try {
        const fileQuery = { org, coop: orgName, fieldId: params.id, year: Number(year), lang }
        const bytes = await reports.drainagePdf(fileQuery)
        await auditDownload(context, caller, downloadOf('pdf', params.id, fileQuery.year))
        void reply
          .type('application/pdf')
          .header('content-disposition', `attachment; filename="tilth-drainage-${year}.pdf"`)
        return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      } finally {
        end()
      }
    },
  )

  app.get(
    '/api/fields/:id/drainage.json',
    {
      ...file,
      schema: {
        summary: 'Download drainage evidence as JSON',
        produces: ['application/json'],
        params: ById,
        querystring: DrainageQuery,
      },
    },
    async ({ params, query: { year, lang = 'en' }, caller }, reply) => {
      const { org, orgName } = caller
      await ownRow(state, 'field', org, params.id)
      const fileQuery = { org, coop: orgName, fieldId: params.id, year: Number(year), lang }
      const bytes = await reports.drainageJson(fileQuery)
      await auditDownload(context, caller, downloadOf('json', params.id, fileQuery.year))
      void reply
        .type('application/json')
        .header('content-disposition', `attachment; filename="tilth-drainage-${year}.json"`)
      return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    },
  )
}

const downloadOf = (end: 'pdf' | 'json', fieldId: string, year: number) => ({
  subject: fieldId,
  format: `drainage.${end}`,
  year,
  farmId: null,
})
