/**
 * Approved pictures of the screens (pictures/): a screen that looks different fails its test, and `npm run pictures`
 * approves what is drawn now.
 *
 * The major version of Chromium that drew them is in pictures/chromium.txt. With the same one every pixel is compared
 * with the one there and those around it.
 * Another one may draw the edges of the same letters differently: then the mean colours of blocks of 16 px are compared,
 * so that a moved, missing or recoloured part still fails, and the message names both versions.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Comparison, PictureTools, Strictness } from './picture-tools.ts'
import { openCanvas, smallPicture } from './small-picture.ts'

const approvedDir = join(import.meta.dirname, 'pictures')
const failedDir = join(import.meta.dirname, '../../test-output/pictures')
const versionFile = 'chromium.txt'
const ATTEMPTS = 12
const BETWEEN_MS = 300

/** `npm run pictures` */
const isApproving = process.env.APPROVE === 'pictures'

/** Processors round the edges of letters differently by a level or two; a colour that a person chose differs by more. */
export const sameChromium: Strictness = { blockPx: 1, level: 3, blocks: 10 }
/** Other letters move the mean of a block by a few levels; a part that is gone moves many blocks by more. */
export const otherChromium: Strictness = { blockPx: 16, level: 16, blocks: 12 }

export interface Pictures {
  /** Compares the screen with its approved picture: what differs, or null. When approving it writes the picture. */
  differenceOf(page: Page, name: string): Promise<string | null>
  /** Approved pictures with this ending that no screen has asked for. When approving it removes them. */
  leftOver(ending: string): Promise<string[]>
  close(): Promise<void>
}

declare const pictureTools: PictureTools

/** `browser` draws the screens, and compares them on a page of its own. `dir`, `limits`, `attempts`: for tests. */
export async function openPictures(
  browser: Browser,
  {
    dir = approvedDir,
    outDir = failedDir,
    limits = null as Strictness | null,
    approves = isApproving,
    attempts = ATTEMPTS,
  } = {},
): Promise<Pictures> {
  const canvas = await openCanvas(browser)
  const major = browser.version().split('.')[0]!
  const approvedFile = join(dir, versionFile)
  const approvedMajor = existsSync(approvedFile) ? readFileSync(approvedFile, 'utf8').trim() : major
  const strictness = limits ?? (approves || major === approvedMajor ? sameChromium : otherChromium)
  const versions =
    major === approvedMajor ? '' : ` (approved with Chromium ${approvedMajor}, this is ${major})`
  const seen = new Set<string>()
  await mkdir(approves ? dir : outDir, { recursive: true })
  if (approves) await writeFile(approvedFile, `${major}\n`)

  const compare = (actual: Buffer, approved: Buffer): Promise<Comparison> =>
    canvas.evaluate(([a, b, how]) => pictureTools.compare(a, b, how), [
      actual.toString('base64'),
      approved.toString('base64'),
      strictness,
    ] as const)

  return {
    async differenceOf(page, name) {
      seen.add(`${name}.webp`)
      const file = join(dir, `${name}.webp`)
      const approved = existsSync(file) ? await readFile(file) : null
      if (approves) {
        const actual = await stillPicture(page)
        if (approved === null || !isEqual(await compare(actual, approved), 0))
          await writeFile(file, await smallPicture(canvas, actual))
        return null
      }
      if (approved === null)
        return `${name}: there is no approved picture. Run npm run pictures, and look at it`
      // a photo may be drawn a moment later
      for (let attempt = 1; ; attempt++) {
        const actual = await picture(page)
        const comparison = await compare(actual, approved)
        if (isEqual(comparison, strictness.blocks)) return null
        if (attempt < attempts) {
          await page.waitForTimeout(BETWEEN_MS)
          continue
        }
        const { size, blocks, difference } = comparison
        await writeFile(join(outDir, `${name}.actual.png`), actual)
        if (difference !== null)
          await writeFile(join(outDir, `${name}.difference.png`), Buffer.from(difference, 'base64'))
        const unit = strictness.blockPx === 1 ? 'pixels' : `blocks of ${strictness.blockPx} px`
        return `${name}: ${size ?? `${blocks} ${unit} differ`}${versions}; see ${name}.*.png in test-output/pictures/`
      }
    },
    async leftOver(ending) {
      const files = (await readdir(dir)).filter((file) => file.endsWith(ending) && !seen.has(file))
      if (!approves) return files
      for (const file of files) await rm(join(dir, file))
      return []
    },
    close: () => canvas.context().close(),
  }
}

const isEqual = ({ size, blocks }: Comparison, limit: number): boolean => size === null && blocks <= limit

/** What the screen shows; on a desk only the panel of an open sheet, because the page behind it has its own picture. */
async function picture(page: Page): Promise<Buffer> {
  const { width, height } = page.viewportSize()!
  const panel = width < 1024 ? null : await page.$('dialog[open]').then((dialog) => dialog?.boundingBox())
  const clip = panel ?? { x: 0, y: 0, width, height }
  return page.screenshot({ clip, animations: 'disabled', caret: 'hide' })
}

/** The first of two equal pictures. */
async function stillPicture(page: Page): Promise<Buffer> {
  let before = await picture(page)
  for (;;) {
    await page.waitForTimeout(2 * BETWEEN_MS)
    const after = await picture(page)
    if (after.equals(before)) return after
    before = after
  }
}
