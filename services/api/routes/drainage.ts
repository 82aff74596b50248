/** The evidence of a paddy's mid-season drainage, for a J-Credit: as pages and as data. */
import { ById } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { DrainageQuery } from '../report-schemas.ts'
import { ownRow } from '../rows/own.ts'

export function drainageRoutes(app: App, { state, reports }: Context): void {
  const config = { needs: 'read' } as const
  const files = oneAtATime()

  app.get(
    '/api/fields/:id/drainage.pdf',
    { config, schema: { params: ById, querystring: DrainageQuery } },
    async ({ params, query: { year, lang = 'en' }, caller: { org, orgName } }, reply) => {
      await ownRow(state, 'field', org, params.id)
      const end = files.begin(org, 'a report is being made; ask again when it is done')
      try {
        const asked = { org, coop: orgName, fieldId: params.id, year: Number(year), lang }
        const bytes = await reports.drainagePdf(asked)
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
    { config, schema: { params: ById, querystring: DrainageQuery } },
    async ({ params, query: { year, lang = 'en' }, caller: { org, orgName } }, reply) => {
      await ownRow(state, 'field', org, params.id)
      void reply.header('content-disposition', `attachment; filename="tilth-drainage-${year}.json"`)
      return reports.drainageJson({ org, coop: orgName, fieldId: params.id, year: Number(year), lang })
    },
  )
}
