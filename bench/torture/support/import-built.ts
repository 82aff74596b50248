/**
 * A module of the build, by its path within dist/. The compiler does not resolve it, as it exists once built: give it the
 * type of its source.
 */
export const importBuilt = (path: string): Promise<unknown> =>
  import(new URL(`../../../dist/${path}`, import.meta.url).href)
