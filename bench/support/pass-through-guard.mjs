/**
 * Replaces the broker's guard to measure its cost (see without-guard.mjs): every byte reaches aedes unchanged, and
 * nothing is limited. Not part of the product.
 */
export const connectionGuards = () => (connection) => ({ stream: connection, open() {}, acknowledged() {} })
// the broker imports this from the same file; it ends no stream
export const DRAIN_TIMEOUT = 'drain timeout'
