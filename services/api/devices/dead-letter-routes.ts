/**
 * Rejected messages (dead letters): listed with their reason, replayed once the cause is fixed, or discarded
 * by a person who has seen them.
 */
import Type from 'typebox'
import { fail } from '../../errors.ts'
import { responses, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import {
  DeadLetterGroup,
  DeadLetterView,
  Discarded,
  DiscardDeadLetters,
  Replayed,
  ReplayDeadLetters,
} from './dead-letter-schemas.ts'
import { orgLock } from '../http/org-lock.ts'
import { audit } from '../http/audited-write.ts'

const SHOWN_CHARACTERS = 2_000
const SHOWN_BYTES = 4 * SHOWN_CHARACTERS // UTF-8 uses at most 4 bytes for one
const Numbered = Type.String({ pattern: '^\\d{1,15}$' })
const Query = Type.Object({
  reason: Type.Optional(Type.String({ maxLength: 1_000 })),
  afterId: Type.Optional(Numbered),
  limit: Type.Optional(Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500' })),
})

/**
 * Reading needs `configure`, all else `admin`. The list shows 2000 characters of a payload. CONFLICT while messages
 * of the organisation are being replayed; NOT_FOUND when none matches.
 */
export function deadLetterRoutes(app: App, context: Context): void {
  const { journal } = context
  // one replay per organisation: a second would restore letters that the first has replaced
  const replays = orgLock()

  app.get(
    '/api/dead-letters',
    {
      config: { needs: 'configure' },
      schema: {
        summary: 'List rejected messages',
        querystring: Query,
        response: responses(Type.Array(DeadLetterView)),
      },
    },
    async ({ query, caller: { org } }) =>
      journal
        .deadLetters({
          org,
          afterId: Number(query.afterId ?? 0),
          limit: Number(query.limit ?? 100),
          payloadBytes: SHOWN_BYTES,
          ...(query.reason === undefined ? {} : { reason: query.reason }),
        })
        .map(({ id, receivedMs, device, topic, reason, bytes, payload }) => {
          const text = new TextDecoder().decode(payload).slice(0, SHOWN_CHARACTERS)
          return { id, receivedMs, device, topic, reason, bytes, payload: text }
        }),
  )

  app.get(
    '/api/dead-letters/reasons',
    {
      config: { needs: 'configure' },
      schema: {
        summary: 'List the reasons of rejected messages',
        response: responses(Type.Array(DeadLetterGroup)),
      },
    },
    async ({ caller: { org } }) => journal.deadLetterGroups(org),
  )

  app.post(
    '/api/dead-letters/discard',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Discard rejected messages with one reason',
        body: DiscardDeadLetters,
        response: responses(Discarded),
      },
    },
    async ({ body: { reason, upToId }, caller }) => {
      const discarded = await journal.discardAll({ org: caller.org, reason, upToId })
      if (discarded === 0)
        fail('NOT_FOUND', `there are no rejected messages with this reason up to ${upToId}`)
      await audit(context, caller, 'dead-letter.discard-all', '*', { reason, upToId, discarded })
      return { discarded }
    },
  )

  app.delete(
    '/api/dead-letters/:id',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Discard a rejected message',
        params: Type.Object({ id: Numbered }),
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      const isThere = await journal.discard(Number(params.id), caller.org)
      if (!isThere) fail('NOT_FOUND', `there is no rejected message ${params.id}`)
      await audit(context, caller, 'dead-letter.discard', params.id, {})
      return done
    },
  )

  app.post(
    '/api/dead-letters/replay',
    {
      config: { needs: 'admin' },
      schema: { summary: 'Replay rejected messages', body: ReplayDeadLetters, response: responses(Replayed) },
    },
    async ({ body: { device, reason, afterId = 0 }, caller }) => {
      const { org } = caller
      const end = replays.acquire(
        org,
        'rejected messages are already being replayed; try again when that is done',
      )
      const of = { ...(device === undefined ? {} : { device }), ...(reason === undefined ? {} : { reason }) }
      const counts = await journal.replayAll({ org, afterId, ...of }).finally(end)
      if (device !== undefined && afterId === 0 && counts.replayed + counts.left === 0)
        fail('NOT_FOUND', `there are no rejected messages of the device ${device}`)
      await audit(context, caller, 'dead-letter.replay-all', device ?? '*', {
        ...counts,
        ...(reason === undefined ? {} : { reason }),
      })
      return counts
    },
  )

  app.post(
    '/api/dead-letters/:id/replay',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Replay a rejected message',
        params: Type.Object({ id: Numbered }),
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      const isThere = await journal.replay(Number(params.id), caller.org)
      if (!isThere) fail('NOT_FOUND', `there is no rejected message ${params.id}`)
      await audit(context, caller, 'dead-letter.replay', params.id, {})
      return done
    },
  )
}
