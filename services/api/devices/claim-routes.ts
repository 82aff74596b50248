/**
 * Claim codes: an administrator makes them or reads them off a label, a device hands one in. Whatever is wrong with a code (unknown, used, out of
 * date) the answer is the same and comes after the same time.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parseClaimCode } from '../../../broker/contract/claim-code.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import { responses, ById } from '../http/responses.ts'
import {
  Claim,
  ClaimableDevice,
  ClaimCode,
  Claimed,
  LabelPicture,
  LabelRead,
  RenewedCode,
} from './claim-schemas.ts'
import type { App, Context } from '../http/context.ts'
import { createLabelReader } from './read-label.ts'
import { createClaimableDevice, claimDevice, renewClaimCode, type ClaimRejection } from './claims.ts'

// well above what the rows take: how long they took cannot be told from the answer
const REJECTION_DELAY_MS = 250

export function claimRoutes(app: App, context: Context): void {
  const { state, clock, log } = context
  const admin = { needs: 'admin' } as const
  const labels = createLabelReader()

  app.post(
    '/api/claim-codes',
    {
      config: admin,
      schema: {
        summary: 'Add a device that claims its credentials',
        body: ClaimableDevice,
        response: responses(ClaimCode),
      },
    },
    async ({ body, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      return createClaimableDevice(context, caller, body)
    },
  )

  app.post(
    '/api/devices/:id/claim-code',
    {
      config: admin,
      schema: {
        summary: 'Renew the claim code of a device',
        params: ById,
        body: RenewedCode,
        response: responses(ClaimCode),
      },
      // a bare POST is as good as one with {}
      preValidation: async (request) => void ((request.body as unknown) ??= {}),
    },
    async ({ params, body, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      return renewClaimCode(context, caller, params.id, body.code)
    },
  )

  // a phone has no decoder of its own, and may ask its camera nothing over plain http: it sends a picture
  app.post(
    '/api/labels/read',
    {
      config: { ...admin, limit: 'label' },
      schema: {
        summary: 'Read a claim label in a picture',
        body: LabelPicture,
        response: responses(LabelRead),
      },
    },
    async ({ body: { width, height, grey } }, reply) => {
      void reply.header('cache-control', 'no-store')
      const bytes = Buffer.from(grey, 'base64')
      if (bytes.length !== width * height)
        fail('BAD_REQUEST', `grey: expected ${width * height} bytes, a pixel each, got ${bytes.length}`)
      const label = await labels.read({ width, height, grey: bytes })
      return label.ok ? label.value : fail('BAD_REQUEST', label.error)
    },
  )

  app.post(
    '/api/claim',
    {
      config: { needs: 'public', limit: 'claim' },
      schema: {
        summary: 'Claim the credentials of a device',
        description: 'Called by the device. Every invalid code gets the same response.',
        body: Claim,
        response: responses(Claimed),
      },
    },
    async ({ body, ip, raw }, reply) => {
      const startMs = performance.now()
      void reply.header('cache-control', 'no-store')
      // what does not fit itself is told so: that says nothing of which codes there are
      const code = parseClaimCode(body.code)
      if (!code.ok) fail('BAD_REQUEST', code.error)
      const outcome = await claimDevice(context, code.value, body.nonce ?? null)
      if ('refused' in outcome) {
        await wait(REJECTION_DELAY_MS - (performance.now() - startMs))
        // when the answer is out, or whoever asked is gone: writing would be felt in its time
        if (reply.raw.destroyed) noteRefusal(outcome, ip)
        else reply.raw.once('close', () => noteRefusal(outcome, ip))
        fail('FORBIDDEN', 'code: this code does not count (any more); ask for a new one')
      }
      const { device, secret, commandKey, valves } = outcome
      const { id, org, kind, name, everyS } = device
      // a forwarded loopback is a proxy's word: anyone can have written it
      const isLocal = isLoopback(ip) && raw.headers['x-forwarded-for'] === undefined
      const mqtt = context.settings.mqttEndpoints?.(isLocal) ?? null
      return { id, org, kind, name, secret, commandKey, everyS, valves, mqtt }
    },
  )

  function noteRefusal(outcome: ClaimRejection, from: string): void {
    log.info({ from, why: outcome.refused }, 'a claim was refused')
    if (outcome.refused === 'unknown') return
    const { org, deviceId: subject, refused: why } = outcome
    appendAudit(state, {
      org,
      atMs: clock.now(),
      actor: 'system',
      action: 'device.claim-refused',
      subject,
      detail: { why, from },
    }).catch((error: unknown) => log.warn({ error }, 'a refused claim was not noted'))
  }
}

const isLoopback = (ip: string): boolean => /^(::1|(::ffff:)?127\.[\d.]+)$/.test(ip)
