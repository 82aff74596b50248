/** Copies a text to the clipboard, also over plain http, where the browser has no clipboard for scripts. */

/** `near`: an element of the open dialog, because the rest of the page cannot be selected. False: nothing was copied. */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text, near)
  }
}

function copySelected(text: string, near: HTMLElement): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  near.after(area)
  area.select()
  // the only way without https
  const isCopied = document.execCommand('copy')
  area.remove()
  near.focus()
  return isCopied
}
