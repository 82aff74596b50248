/**
 * HTTP requests to devices in the farm's own network: private addresses only, no redirects, 5 s, 256 KiB. An address may
 * hold a password: none of it is logged.
 */
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { IntegrationProblem } from '../ports/integrations.ts'
import { lookupWithin, parseTargetAddress, REFUSED } from '../runtime/target-address.ts'

const WAIT_MS = 5_000
const MAX_BYTES = 256 * 1024

export type HttpProblem = { problem: IntegrationProblem; reason: string }

/** The body of the answer, or why there is none. */
export function getFromFarm(address: string): Promise<Result<Buffer, HttpProblem>> {
  const url = parseTargetAddress(address, 'private')
  if (url === null)
    return Promise.resolve(problem('address', 'expected http:// and an address in the network of the farm'))
  const requestOver = url.protocol === 'https:' ? overHttps : overHttp
  return new Promise((resolve) => {
    const options = { agent: false, lookup: lookupWithin('private'), signal: AbortSignal.timeout(WAIT_MS) }
    requestOver(url, options, (response) => {
      const { statusCode: status = 0 } = response
      const chunks: Buffer[] = []
      let bytes = 0
      const refuse = (reason: string) => {
        resolve(problem(status === 401 || status === 403 ? 'wrong-password' : 'answer', reason))
        response.destroy()
      }
      if (status !== 200) return refuse(`expected the status 200, got ${status}`)
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_BYTES) refuse(`expected at most ${MAX_BYTES} bytes`)
        else chunks.push(chunk)
      })
      response.on('end', () => resolve(ok(Buffer.concat(chunks))))
      response.on('error', () => resolve(problem('unreachable', 'the answer was cut off')))
    })
      .on('error', ({ code, name }: NodeJS.ErrnoException) =>
        resolve(
          code === REFUSED
            ? problem('address', 'expected an address in the network of the farm')
            : problem(
                'unreachable',
                name === 'TimeoutError' ? 'no answer within 5 s' : (code ?? 'no answer'),
              ),
        ),
      )
      .end()
  })
}

const problem = (kind: IntegrationProblem, reason: string): Result<Buffer, HttpProblem> =>
  err({ problem: kind, reason })
