/** The audit: who did what, newest first or as a file, and the verification of its hash chain. */
import { Readable } from 'node:stream'
import Type from 'typebox'
import { verifyAudit } from '../../audit/audit-log.ts'
import { responses } from '../http/responses.ts'
import { auditCsv } from './audit-csv.ts'
import { AuditFilter, AuditLine, AuditPage, AuditVerdict, AuditHeadQuery } from './audit-schemas.ts'
import type { App, Context } from '../http/context.ts'
import { auditPage } from './audit-queries.ts'
import { audit } from '../http/audited-write.ts'

/** For administrators. A page has 100 lines by default and 500 at most; an export is itself audited. */
export function auditRoutes(app: App, context: Context): void {
  const { state, clock } = context
  app.get(
    '/api/audit',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'List audit lines',
        description: 'Newest first. `before` pages back: pass the `n` of the last line.',
        querystring: AuditPage,
        response: responses(Type.Array(AuditLine)),
      },
    },
    ({ query: { before, limit, ...filter }, caller: { org } }) =>
      auditPage(state, {
        ...filter,
        org,
        limit: Number(limit ?? 100),
        ...(before === undefined ? {} : { before: Number(before) }),
      }),
  )

  app.get(
    '/api/audit.csv',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Export audit lines as CSV',
        description: 'Oldest first, with the hash of each line.',
        produces: ['text/csv'],
        querystring: AuditFilter,
      },
    },
    async ({ query, caller }, reply) => {
      const { org } = caller
      await audit(context, caller, 'audit.export', org, query)
      void reply
        .type('text/csv; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="tilth-audit-${org}.csv"`)
      return reply.send(Readable.from(auditCsv(state, org, query)))
    },
  )

  app.get(
    '/api/audit/verify',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Verify the hash chain of the audit',
        description: 'With `noted`, also checks that the chain still contains a head recorded earlier.',
        querystring: AuditHeadQuery,
        response: responses(AuditVerdict),
      },
    },
    async ({ query: { noted }, caller: { org } }) => {
      const [n, hash] = noted?.split('-') ?? []
      const before = n === undefined || hash === undefined ? undefined : { n: Number(n), hash }
      const { lines, head, broken } = await verifyAudit(state, org, before)
      return { lines, head, broken, checkedMs: clock.now() }
    },
  )
}
