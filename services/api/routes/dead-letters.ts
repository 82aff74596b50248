/** Messages that could not be stored: seen with their reason, and tried again once the cause is mended. */
import Type from 'typebox'
import { fail } from '../../errors.ts'
import { answers, done, Done } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { DeadLetterView, Replayed, ReplayLetters } from '../forms.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { audit } from '../write.ts'

const SHOWN_CHARACTERS = 2_000
const SHOWN_BYTES = 4 * SHOWN_CHARACTERS // UTF-8 takes at most 4 for one
const Numbered = Type.String({ pattern: '^\\d{1,15}$' })
const Query = Type.Object({
  afterId: Type.Optional(Numbered),
  limit: Type.Optional(Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500' })),
})

export function deadLetterRoutes(app: App, context: Context): void {
  const { journal } = context
  // of an organisation one at a time: a second would put back what the first one's letters have become
  const replays = oneAtATime()

  app.get(
    '/api/dead-letters',
    {
      config: { needs: 'configure' },
      schema: { querystring: Query, response: answers(Type.Array(DeadLetterView)) },
    },
    async ({ query, caller: { org } }) =>
      journal
        .deadLetters({
          org,
          afterId: Number(query.afterId ?? 0),
          limit: Number(query.limit ?? 100),
          payloadBytes: SHOWN_BYTES,
        })
        .map(({ id, receivedMs, device, topic, reason, bytes, payload }) => {
          const text = new TextDecoder().decode(payload).slice(0, SHOWN_CHARACTERS)
          return { id, receivedMs, device, topic, reason, bytes, payload: text }
        }),
  )

  app.post(
    '/api/dead-letters/replay',
    {
      config: { needs: 'admin' },
      schema: { body: ReplayLetters, response: answers(Replayed) },
    },
    async ({ body: { device, afterId = 0 }, caller }) => {
      const { org } = caller
      const end = replays.begin(org, 'dead letters are being replayed; ask again when that is done')
      const of = device === undefined ? {} : { device }
      const counts = await journal.replayAll({ org, afterId, ...of }).finally(end)
      if (device !== undefined && afterId === 0 && counts.replayed + counts.left === 0)
        fail('NOT_FOUND', `there are no dead letters of ${device} here`)
      await audit(context, caller, 'dead-letter.replay-all', device ?? '*', counts)
      return counts
    },
  )

  app.post(
    '/api/dead-letters/:id/replay',
    {
      config: { needs: 'admin' },
      schema: { params: Type.Object({ id: Numbered }), response: answers(Done) },
    },
    async ({ params, caller }) => {
      const isThere = await journal.replay(Number(params.id), caller.org)
      if (!isThere) fail('NOT_FOUND', `there is no dead letter ${params.id} here`)
      await audit(context, caller, 'dead-letter.replay', params.id, {})
      return done
    },
  )
}
