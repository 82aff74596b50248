/** Members with their fields from a table: a preview that changes nothing, and the import. */
import { fail } from '../../errors.ts'
import { responses } from '../http/responses.ts'
import { importMembers, auditFile, readMembersFile, type MembersFile } from './import-members.ts'
import { MembersImport, MembersImported, MembersPreview, MembersTable } from './co-op-schemas.ts'
import { createMembersReader } from './members-reader.ts'
import type { TableFault } from './table-fault.ts'
import type { App, Context } from '../http/context.ts'
import { orgLock } from '../http/org-lock.ts'

/**
 * CONFLICT while another table of the organisation is being read. BAD_REQUEST when an import does not give the hash and the
 * number of skipped rows of its preview.
 */
export function memberImportRoutes(app: App, context: Context): void {
  const admin = { needs: 'admin' } as const
  const reader = createMembersReader()
  app.addHook('onClose', () => reader.end())
  // two simultaneous imports would create a member twice
  const files = orgLock()

  app.post(
    '/api/memberships/preview',
    {
      config: admin,
      schema: {
        summary: 'Preview an import of members',
        description: 'Changes nothing. Reports every cell that cannot be used.',
        body: MembersTable,
        response: responses(MembersPreview),
      },
    },
    async ({ body, caller }) =>
      alone(caller.org, async () => {
        const file = await readMembersFile(context, reader, caller.org, body.base64)
        await auditFile(context, caller, 'members.preview', file)
        return previewOf(file)
      }),
  )

  app.post(
    '/api/memberships/import',
    {
      config: admin,
      schema: {
        summary: 'Import members with their fields',
        body: MembersImport,
        response: responses(MembersImported),
      },
    },
    async ({ body, caller }) =>
      alone(caller.org, async () => {
        const file = await readMembersFile(context, reader, caller.org, body.base64)
        if (file.hash !== body.hash)
          fail('BAD_REQUEST', 'hash: must match the preview of this file; preview it again')
        if (file.leftOut !== body.leaveOut)
          fail(
            'BAD_REQUEST',
            `leaveOut: must be the number of rows that cannot be used (${file.leftOut}), got ${body.leaveOut}`,
          )
        await auditFile(context, caller, 'members.import', file)
        return importMembers(context, caller, file)
      }),
  )

  async function alone<T>(org: string, work: () => Promise<T>): Promise<T> {
    const busy: TableFault['params'] = { fault: 'busy' }
    const end = files.acquire(
      org,
      'another table of this organisation is being read; try again in a moment',
      busy,
    )
    try {
      return await work()
    } finally {
      end()
    }
  }
}

const previewOf = ({ hash, rows, leftOut, bad, members }: MembersFile) => ({
  hash,
  rows,
  leftOut,
  bad,
  members: members.map(({ row, membership, isSelfManaged, consentChange, fields }) => {
    const count = (matches: (field: (typeof fields)[number]) => boolean) => fields.filter(matches).length
    const newFields = count(({ change }) => change === 'new')
    const changedFields = count(({ change }) => change === 'changed')
    const newSeasons = count(({ seasonChange }) => seasonChange === 'new')
    const isSame = newFields + changedFields + newSeasons === 0 && consentChange !== 'new'
    return {
      name: row.name,
      memberCode: row.memberCode,
      isSelfManaged,
      consent: consentChange,
      change: membership === null ? ('new' as const) : isSame ? ('same' as const) : ('changed' as const),
      fields: fields.length,
      newFields,
      changedFields,
      newSeasons,
      assumedSoils: count(({ row: { soilTexture }, change }) => change === 'new' && soilTexture === null),
    }
  }),
})
