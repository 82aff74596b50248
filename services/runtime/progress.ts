/** Progress of a task, reported by each step that completes a part of it. */
export type ProgressCallback = (share: number) => void // 0-1

/** Maps the progress of one step to its share of the total, `from` to `to`. */
export const subProgress =
  (onProgress: ProgressCallback | undefined, from: number, to: number): ProgressCallback =>
  (share) =>
    onProgress?.(from + (to - from) * share)
