/** The audit: who did what, the newest first, and whether its chain is whole. */
import Type from 'typebox'
import { verifyAudit } from '../../audit.ts'
import { fromJson } from '../../tables.ts'
import { answers } from '../answers.ts'
import type { App, Context } from '../context.ts'

const Line = Type.Object({
  n: Type.Number(),
  atMs: Type.Number(),
  actor: Type.String(),
  action: Type.String(),
  subject: Type.String(),
  detail: Type.Unknown(),
  hash: Type.String(),
})
const Head = Type.Object({ n: Type.Number(), hash: Type.String() })
const Verdict = Type.Object({
  lines: Type.Number(),
  head: Head,
  broken: Type.Union([Type.Object({ n: Type.Number(), why: Type.String() }), Type.Null()]),
})
const Numbered = Type.String({ pattern: '^\\d{1,15}$' })
const Page = Type.Object({
  before: Type.Optional(Numbered),
  limit: Type.Optional(Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500' })),
})
/** A head noted earlier, `N-HASH`: it must still stand in the chain. */
const Noted = Type.Object({ noted: Type.Optional(Type.String({ pattern: '^\\d{1,15}-[0-9a-f]{64}$' })) })

export function auditRoutes(app: App, { state }: Context): void {
  app.get(
    '/api/audit',
    { config: { needs: 'admin' }, schema: { querystring: Page, response: answers(Type.Array(Line)) } },
    async ({ query, caller: { org } }) => {
      const lines = await state
        .selectFrom('audit')
        .select(['n', 'atMs', 'actor', 'action', 'subject', 'detail', 'hash'])
        .where('org', '=', org)
        .where('n', '<', Number(query.before ?? Number.MAX_SAFE_INTEGER))
        .orderBy('n', 'desc')
        .limit(Number(query.limit ?? 100))
        .execute()
      return lines.map((line) => ({ ...line, detail: fromJson(line.detail) }))
    },
  )

  app.get(
    '/api/audit/verify',
    { config: { needs: 'admin' }, schema: { querystring: Noted, response: answers(Verdict) } },
    async ({ query: { noted }, caller: { org } }) => {
      const [n, hash] = noted?.split('-') ?? []
      const head = n === undefined || hash === undefined ? undefined : { n: Number(n), hash }
      const { lines, head: last, broken } = await verifyAudit(state, org, head)
      return { lines, head: last, broken }
    },
  )
}
