/**
 * The series store of the setting SERIES, or one line that explains what to change; never shows its password or
 * token.
 */
import { openSeries } from '../adapters/series.ts'
import type { Settings } from '../config/settings.ts'
import { fail, isTilthError } from '../errors.ts'
import type { SeriesStore } from '../ports.ts'

/** STORE_UNAVAILABLE when it does not respond. */
export async function openReadySeries(settings: Settings): Promise<SeriesStore> {
  const hint = `SERIES does not respond at ${redactUrl(settings.series)}; start it, or change SERIES`
  try {
    const series = await openSeries(settings.series, settings.dataDir)
    if (await series.isReady()) return series
    await series.close()
  } catch (cause) {
    if (!isTilthError(cause, 'STORE_UNAVAILABLE')) throw cause
    fail('STORE_UNAVAILABLE', `${hint} (${cause.message})`, { cause })
  }
  fail('STORE_UNAVAILABLE', hint)
}

const redactUrl = (url: string): string => url.replace(/token=[^&]*/, 'token=…').replace(/\/\/.*@/, '//…@') // a password may hold a / or an @
