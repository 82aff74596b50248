/**
 * The series store of the setting SERIES. A database on another server may be away at the start: Tilth starts without
 * it, the journal keeps the readings, and it is opened when it responds. A server that responds and refuses is a wrong
 * setting. No error shows its password or token.
 */
import { openSeries } from '../adapters/series.ts'
import type { Settings } from '../config/settings.ts'
import { fail, isTilthError } from '../errors.ts'
import type { Logger, SeriesStore } from '../ports.ts'

// a start is a start of the valves too: it does not wait long for a database that hangs
const START_WITHIN_MS = 3_000
const RETRY_AFTER_MS = 1_000

/** STORE_UNAVAILABLE when it does not respond. */
export async function openReadySeries(settings: Pick<Settings, 'series' | 'dataDir'>): Promise<SeriesStore> {
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

/** Resolves without a database on another server when that does not respond. INVALID_CONFIG when it refuses. */
export async function openSeriesOrWait(
  settings: Pick<Settings, 'series' | 'dataDir'>,
  log: Logger,
): Promise<SeriesStore> {
  if (settings.series.startsWith('sqlite:')) return openReadySeries(settings)
  const opening = openReadySeries(settings)
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<null>((done) => (timer = setTimeout(done, START_WITHIN_MS, null)))
  const opened = await Promise.race([opening, timeout])
    .catch((error: unknown) => {
      if (isTilthError(error, 'STORE_UNAVAILABLE')) return null
      throw error
    })
    .finally(() => clearTimeout(timer))
  if (opened !== null) return opened
  log.warn(
    { series: redactUrl(settings.series) },
    'SERIES does not respond: readings wait in the journal until it does',
  )
  return seriesWhenThere(opening, () => openReadySeries(settings), log)
}

/** Each call opens the store first if it is not open yet; STORE_UNAVAILABLE while it is away. */
function seriesWhenThere(
  first: Promise<SeriesStore>,
  open: () => Promise<SeriesStore>,
  log: Logger,
): SeriesStore {
  let isClosed = false
  let opened: SeriesStore | null = null
  let failedMs = -Infinity
  let attempt = watched(first)

  function watched(opening: Promise<SeriesStore>): Promise<SeriesStore> {
    opening.then(
      (store) => {
        if (isClosed) return void store.close()
        opened = store
        log.info({}, 'SERIES responds: waiting readings are stored')
      },
      () => void (failedMs = performance.now()),
    )
    return opening
  }

  function store(): Promise<SeriesStore> {
    if (isClosed) fail('STORE_UNAVAILABLE', 'the series store is closed')
    if (performance.now() - failedMs > RETRY_AFTER_MS) {
      failedMs = performance.now()
      attempt = attempt.catch(() => watched(open()))
    }
    // a password that is refused meanwhile is waited for too: the readings are safe in the journal
    return attempt.catch((cause: Error) => fail('STORE_UNAVAILABLE', cause.message, { cause }))
  }

  return {
    append: async (readings) => (await store()).append(readings),
    range: async (query) => (await store()).range(query),
    rolled: async (query) => (await store()).rolled(query),
    means: async (query) => (await store()).means(query),
    summaries: async (query) => (await store()).summaries(query),
    latest: async (query) => (await store()).latest(query),
    async *stream(query) {
      yield* (await store()).stream(query)
    },
    erase: async (query) => (await store()).erase(query),
    maintain: async (nowMs) => (await store()).maintain(nowMs),
    isReady: () =>
      store().then(
        (there) => there.isReady(),
        () => false,
      ),
    async close() {
      isClosed = true
      await opened?.close()
    },
  }
}

const redactUrl = (url: string): string => url.replace(/token=[^&]*/, 'token=…').replace(/\/\/.*@/, '//…@') // a password may hold a / or an @
