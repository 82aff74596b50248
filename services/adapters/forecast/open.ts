/** Creates the forecast by its setting: the scheme selects the adapter. */
import type { Clock } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { Logger, State } from '../../ports.ts'
import type { Forecast } from '../../ports/forecast.ts'
import { climatologyForecast } from './climatology.ts'
import { openMeteoForecast } from './open-meteo.ts'

/**
 * `climatology:` or `open-meteo:https://HOST/...`, named `source` when it is not the public service. INVALID_CONFIG, in
 * one line, for anything else.
 */
export function createForecast(
  url: string,
  deps: { state: State; clock: Clock; log: Logger; source?: string },
): Forecast {
  if (url === 'climatology:') return climatologyForecast(deps)
  const provider = /^open-meteo:(.*)$/.exec(url)?.[1]
  if (provider !== undefined) {
    const base = URL.canParse(provider) ? new URL(provider) : null
    if (base && (base.protocol === 'https:' || base.protocol === 'http:'))
      return openMeteoForecast(base, deps)
  }
  return fail(
    'INVALID_CONFIG',
    `FORECAST must be climatology: or open-meteo:https://HOST, got ${url.slice(0, 80).replaceAll(/:\/\/[^@/]*@/g, '://')}`,
  )
}
