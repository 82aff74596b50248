/** How far a file is, told by each that makes a part of it. */
export type ProgressCallback = (share: number) => void // 0-1

/** Tells of one part, which goes from one share of the whole to another. */
export const subProgress =
  (tell: ProgressCallback | undefined, from: number, to: number): ProgressCallback =>
  (share) =>
    tell?.(from + (to - from) * share)
