/** The files of a folder that contain given bytes: what an erasure must leave in none. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** 'FILE: TEXT' for every file below the folder that contains one of the texts. */
export function filesWithText(folder: string, texts: readonly string[]): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  return files.flatMap((file) => {
    const bytes = readFileSync(join(file.parentPath, file.name))
    return texts.filter((text) => contains(bytes, text)).map((text) => `${file.name}: ${text}`)
  })
}

/** `midori-f2` is also the beginning of `midori-f20`; texts of a row follow each other without a gap. */
function contains(bytes: Buffer, text: string): boolean {
  const mayContinue = /\d$/.test(text)
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1))
    if (!mayContinue || !/\d/.test(String.fromCharCode(bytes[at + Buffer.byteLength(text)] ?? 0))) return true
  return false
}
