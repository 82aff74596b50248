/**
 * Half-typed entries: kept on this phone until they are saved, so that a tab change, Back or a reload loses nothing. Each
 * person of an organisation has their own.
 */
import { draftText, parseDraft, type DraftValues } from './draft-model.ts'
import { permissions } from './permissions.svelte.ts'

export interface Draft<T extends DraftValues> {
  /** the values of the form; bind its inputs to them */
  readonly values: T
  /** after the entry is saved; `carried`: values that the next entry starts with, and which are not stored */
  clear(carried?: Partial<T>): void
}

/** `name`: the form and its subject, `note/FIELD`. To be called while a component is created. */
export function createDraft<T extends DraftValues>(name: string, empty: T): Draft<T> {
  const { me } = permissions
  const key = `tilth-draft ${me?.org.id ?? ''}/${me?.user.id ?? ''} ${name}`
  const values = $state(parseDraft(read(key), empty))
  let start = empty
  $effect(() => store(key, draftText($state.snapshot(values) as T, start)))
  return {
    values,
    clear(carried = {}) {
      start = { ...empty, ...carried }
      Object.assign(values, start)
    },
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function store(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key)
    else localStorage.setItem(key, text)
  } catch {
    // without storage the draft lasts until the page closes
  }
}
