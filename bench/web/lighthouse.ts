/** One page through Lighthouse, as a middling phone on slow 4G sees it for the first time (its mobile preset). */
import type { Flags, Result } from 'lighthouse'

export interface PageScores {
  performance: number // of 100, as the others
  bestPractices: number
  lcpMs: number
  tbtMs: number
  cls: number
  scriptBytes: number // as sent
  /** what could be better, by the names of Lighthouse's audits */
  failed: string[]
}

// nothing but the session is there from an earlier visit
const cleared: NonNullable<Flags['clearStorageTypes']> = [
  ...(['file_systems', 'shader_cache', 'service_workers', 'cache_storage'] as const),
  ...(['indexeddb', 'local_storage'] as const),
]
// the stream of changes never ends: a page with it is never quiet
const MOST_LOAD_MS = 10_000

/** The middle of `runs`, each figure for itself. */
export async function scorePage(port: number, url: string, runs: number): Promise<PageScores> {
  const scores: PageScores[] = []
  for (let run = 0; run < runs; run++)
    scores.push(
      scoresOf(await runLighthouse(url, { port, onlyCategories: ['performance', 'best-practices'] })),
    )
  const middle = (of: (one: PageScores) => number): number => median(scores.map(of))
  return {
    performance: middle((one) => one.performance),
    bestPractices: middle((one) => one.bestPractices),
    lcpMs: middle((one) => one.lcpMs),
    tbtMs: middle((one) => one.tbtMs),
    cls: middle((one) => one.cls),
    scriptBytes: middle((one) => one.scriptBytes),
    failed: [...new Set(scores.flatMap(({ failed }) => failed))],
  }
}

/**
 * Whether everyone can read and reach it: on a screen as long as the page, since what happens to lie half under the bar at
 * the bottom is out of reach only until it is scrolled up.
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
  // as large as all of Tilth: fetched only by who looks
  const { default: lighthouse } = await import('lighthouse')
  const answer = await lighthouse(url, {
    logLevel: 'error',
    disableFullPageScreenshot: true,
    clearStorageTypes: cleared,
    maxWaitForLoad: MOST_LOAD_MS,
    ...flags,
  })
  const result = answer?.lhr
  if (!result) throw new Error('Lighthouse gave no answer')
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

/** The one in the middle; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2
}
