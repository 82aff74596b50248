/**
 * Claim codes: an administrator creates one or reads it off a label, and a device submits it. For every
 * invalid code (unknown, used, expired) the response is the same and takes the same time.
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
import { rejectForeignDevice } from '../integrations/foreign-device-queries.ts'
import { createLabelReader } from './read-label.ts'
import { createClaimableDevice, claimDevice, renewClaimCode, type ClaimRejection } from './claims.ts'

// well above the time of the queries: the response time must not reveal them
const REJECTION_DELAY_MS = 250

/**
 * A rejected claim is FORBIDDEN after at least 250 ms, and audited after the response when the code belongs to a
 * device. BAD_REQUEST for a wrong check character and an unreadable label.
 */
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
      // a POST without a body is the same as {}
      preValidation: async (request) => void ((request.body as unknown) ??= {}),
    },
    async ({ params, body, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      await rejectForeignDevice(state, caller.org, params.id)
      return renewClaimCode(context, caller, params.id, body.code)
    },
  )

  // a phone has no QR decoder of its own, and may not use its camera over plain http: it sends a picture
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
        fail('BAD_REQUEST', `grey: expected ${width * height} bytes, one per pixel, got ${bytes.length}`)
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
      // a code with a wrong check character is reported as such: this does not reveal which codes exist
      const code = parseClaimCode(body.code)
      if (!code.ok) fail('BAD_REQUEST', code.error)
      const outcome = await claimDevice(context, code.value, body.nonce ?? null)
      if ('refused' in outcome) {
        await wait(REJECTION_DELAY_MS - (performance.now() - startMs))
        // after the response, or after the client is gone: the write must not show in the response time
        if (reply.raw.destroyed) noteRefusal(outcome, ip)
        else reply.raw.once('close', () => noteRefusal(outcome, ip))
        fail('FORBIDDEN', 'code: this code is not valid or no longer valid; request a new one')
      }
      const { device, secret, commandKey, valves } = outcome
      const { id, org, kind, name, everyS } = device
      // a forwarded loopback address comes from a header that anyone can write
      const isLocal = isLoopback(ip) && raw.headers['x-forwarded-for'] === undefined
      const mqtt = context.settings.mqttEndpoints?.(isLocal) ?? null
      return { id, org, kind, name, secret, commandKey, everyS, valves, mqtt }
    },
  )

  function noteRefusal(outcome: ClaimRejection, from: string): void {
    log.info({ from, why: outcome.refused }, 'a claim was rejected')
    if (outcome.refused === 'unknown') return
    const { org, deviceId: subject, refused: why } = outcome
    appendAudit(state, {
      org,
      atMs: clock.now(),
      actor: 'system',
      action: 'device.claim-refused',
      subject,
      detail: { why, from },
    }).catch((error: unknown) => log.warn({ error }, 'a rejected claim could not be audited'))
  }
}

const isLoopback = (ip: string): boolean => /^(::1|(::ffff:)?127\.[\d.]+)$/.test(ip)
