/** One page through Lighthouse, as a mid-range phone on slow 4G loads it first (its mobile preset). */
import type { Flags, Result } from 'lighthouse'

export interface PageScores {
  performance: number // of 100, as the others
  bestPractices: number
  lcpMs: number
  tbtMs: number
  cls: number
  scriptBytes: number // as sent
  /** failed audits, by Lighthouse name */
  failed: string[]
}

// only the session remains from an earlier visit
const cleared: NonNullable<Flags['clearStorageTypes']> = [
  ...(['file_systems', 'shader_cache', 'service_workers', 'cache_storage'] as const),
  ...(['indexeddb', 'local_storage'] as const),
]
// the event stream never ends, so the page is never idle
const MOST_LOAD_MS = 10_000

/** The median of `runs`, per figure. */
export async function scorePage(port: number, url: string, runs: number): Promise<PageScores> {
  const scores: PageScores[] = []
  for (let run = 0; run < runs; run++)
    scores.push(
      scoresOf(await runLighthouse(url, { port, onlyCategories: ['performance', 'best-practices'] })),
    )
  const middle = (figureOf: (run: PageScores) => number): number => median(scores.map(figureOf))
  return {
    performance: middle((run) => run.performance),
    bestPractices: middle((run) => run.bestPractices),
    lcpMs: middle((run) => run.lcpMs),
    tbtMs: middle((run) => run.tbtMs),
    cls: middle((run) => run.cls),
    scriptBytes: middle((run) => run.scriptBytes),
    failed: [...new Set(scores.flatMap(({ failed }) => failed))],
  }
}

/**
 * Accessibility, on a screen as long as the page, since content under the bottom bar is only out of reach until
 * scrolled.
 */
export async function scoreAccessibility(
  port: number,
  url: string,
): Promise<{ accessibility: number; failed: string[] }> {
  const result = await runLighthouse(url, {
    port,
    onlyCategories: ['accessibility'],
    screenEmulation: { mobile: true, width: 412, height: 6_000, deviceScaleFactor: 1, disabled: false },
  })
  return { accessibility: of100(result, 'accessibility'), failed: failedOf(result) }
}

async function runLighthouse(url: string, flags: Flags): Promise<Result> {
  // as large as all of Tilth: loaded on demand
  const { default: lighthouse } = await import('lighthouse')
  const output = await lighthouse(url, {
    logLevel: 'error',
    disableFullPageScreenshot: true,
    clearStorageTypes: cleared,
    maxWaitForLoad: MOST_LOAD_MS,
    ...flags,
  })
  const result = output?.lhr
  if (!result) throw new Error('Lighthouse returned no result')
  if (result.runtimeError) throw new Error(`${result.runtimeError.code}: ${result.runtimeError.message}`)
  return result
}

function scoresOf(result: Result): PageScores {
  const number = (audit: string): number => result.audits[audit]?.numericValue ?? Number.NaN
  return {
    performance: of100(result, 'performance'),
    bestPractices: of100(result, 'best-practices'),
    lcpMs: number('largest-contentful-paint'),
    tbtMs: number('total-blocking-time'),
    cls: number('cumulative-layout-shift'),
    scriptBytes: scriptBytes(result),
    failed: failedOf(result),
  }
}

const of100 = ({ categories }: Result, name: string): number =>
  Math.round((categories[name]?.score ?? Number.NaN) * 100)

const failedOf = ({ categories, audits }: Result): string[] =>
  Object.values(categories)
    .flatMap(({ auditRefs }) => auditRefs)
    .filter(({ weight, id }) => weight > 0 && (audits[id]!.score ?? 1) < 0.9)
    .map(({ id }) => id)

function scriptBytes({ audits }: Result): number {
  const rows = (audits['resource-summary']?.details as { items?: Row[] } | undefined)?.items ?? []
  return rows.find(({ resourceType }) => resourceType === 'script')?.transferSize ?? Number.NaN
}
interface Row {
  resourceType: string
  transferSize: number
}

/** The median; for an even number the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2
}
