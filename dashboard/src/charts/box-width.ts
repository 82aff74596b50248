/** The width of a chart's box, without forcing a layout while drawing. */
import type { Attachment } from 'svelte/attachments'

// the padding of the page and the card, and the card's edges
const CARD_MARGIN_PX = 24 + 32 + 2

// read before the first drawing: later it would force a layout
let pageWidth = innerWidth
addEventListener('resize', () => (pageWidth = innerWidth))

/**
 * The width of a chart in a card on a phone. A chart drawn at this width is not drawn again when its box is measured.
 */
export const expectedWidth = (): number => Math.min(pageWidth, 720) - CARD_MARGIN_PX

/** Reports the width of a box without padding before it is painted, and at each change. */
export const observeWidth =
  (onWidth: (px: number) => void): Attachment =>
  (box) => {
    const observer = new ResizeObserver(([entry]) => onWidth(Math.round(entry!.contentRect.width)))
    observer.observe(box)
    return () => observer.disconnect()
  }
