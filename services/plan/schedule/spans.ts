/** Sets of instants as sorted spans that do not touch. Pure. */
import type { Span } from './types.ts'

/** The intersection of both. */
export function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const intersection: Span[] = []
  let i = 0
  let k = 0
  while (i < a.length && k < b.length) {
    const fromMs = Math.max(a[i]!.fromMs, b[k]!.fromMs)
    const toMs = Math.min(a[i]!.toMs, b[k]!.toMs)
    if (toMs > fromMs) intersection.push({ fromMs, toMs })
    if (a[i]!.toMs < b[k]!.toMs) i++
    else k++
  }
  return intersection
}

/** Sorted and joined where they touch or overlap. */
export function union(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1)
    if (span.toMs <= span.fromMs) continue
    if (last && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs)
    else merged.push({ ...span })
  }
  return merged
}

/** The part of `a` outside `b`. */
export function subtract(a: readonly Span[], b: readonly Span[]): Span[] {
  const left: Span[] = []
  for (const { fromMs, toMs } of a) {
    let atMs = fromMs
    for (const hole of b) {
      if (hole.toMs <= atMs || hole.fromMs >= toMs) continue
      if (hole.fromMs > atMs) left.push({ fromMs: atMs, toMs: hole.fromMs })
      atMs = hole.toMs
    }
    if (atMs < toMs) left.push({ fromMs: atMs, toMs })
  }
  return left
}
