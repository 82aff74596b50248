/** How far a file is, told by each that makes a part of it. */
export type Tell = (share: number) => void // 0-1

/** Tells of one part, which goes from one share of the whole to another. */
export const partOf =
  (tell: Tell | undefined, from: number, to: number): Tell =>
  (share) =>
    tell?.(from + (to - from) * share)
