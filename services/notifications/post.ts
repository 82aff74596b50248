/** One POST to an address entered by a user: follows no redirect and reads nothing but the status. */
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { lookupWithin, parseTargetAddress, REFUSED, type Reach } from '../runtime/target-address.ts'

/** Why a notification could not be sent: a key of the texts. */
export type DeliveryProblem =
  | 'no-response'
  | 'refused' // by the receiver
  | 'address-not-allowed' // an address that NOTIFICATION_TARGETS does not allow
  | 'gone' // the browser has unsubscribed

const WAIT_MS = 10_000

/** `gone` when the receiver will never accept a message again. */
export async function post(
  address: string,
  { headers, body }: { headers: Record<string, string | number>; body: string | Uint8Array },
  reach: Reach,
): Promise<Result<null, DeliveryProblem>> {
  const url = parseTargetAddress(address, reach)
  if (url === null) return err('address-not-allowed')
  const requestOver = url.protocol === 'https:' ? overHttps : overHttp
  return new Promise((resolve) => {
    const options = {
      method: 'POST',
      agent: false,
      lookup: lookupWithin(reach),
      signal: AbortSignal.timeout(WAIT_MS),
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    }
    requestOver(url, options, (response) => {
      const { statusCode: status = 0 } = response
      response.destroy()
      if (status >= 200 && status < 300) resolve(ok(null))
      else resolve(err(status === 404 || status === 410 ? 'gone' : 'refused'))
    })
      .on('error', ({ code }: NodeJS.ErrnoException) =>
        resolve(err(code === REFUSED ? 'address-not-allowed' : 'no-response')),
      )
      .end(body)
  })
}
