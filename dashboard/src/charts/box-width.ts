/**
 * The width that a chart in a card will have on a phone: drawn at it at once, it is not drawn again when its box is
 * measured. What stands beside it is the page's and the card's padding, and the card's edges.
 */
const BESIDE = 24 + 32 + 2

export const firstWidth = (): number => Math.min(innerWidth, 720) - BESIDE
