/**
 * `npm run prose`: refuses private words in documents, comments and message catalogues, and names the usual one.
 * Exit status 1 when a word is found. Code in documents (fenced or between backticks) is not read.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** What is refused, and what to write. Whole words, in any case. */
const refused = [
  [/\b(fore)?told\b/i, 'reported, notified, shown; forecast'],
  [/\bwho(m)?ever\b/i, 'you, the person who'],
  [/\b(a|the|your) yes\b/i, 'approval'],
  [/\b(put|puts|putting) (it |this |that |them )?right\b/i, 'correct, fix'],
  [/\bhears?\b|\bheard\b/i, 'receive; last seen'],
  [/\bnobody knows\b/i, 'unknown'],
  [/\bcounts? once\b/i, 'one-time, single-use'],
  [/\btak(e|es|en|ing) back\b|\btook back\b/i, 'void, withdraw'],
  [/\bwork(s|ed|ing)? out\b/i, 'calculate, compute'],
  [/\banew\b/i, 'again; recreate'],
  [/\bsays\b/i, 'states, returns, publishes, shows'],
  [/\bbeside\b/i, 'next to, in addition to'],
  [/\bthirst(s|y)?\b/i, 'needs water'],
]

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|svelte|mjs|md)$|i18n\/en\/\w+\.json$/.test(file) && file !== '.ci/prose.mjs')

const found = []
for (const file of files) {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    continue // deleted and not committed yet
  }
  for (const { line, words } of proseOf(file, text))
    for (const [pattern, instead] of refused) {
      const match = pattern.exec(words)
      if (match) found.push(`${file}:${line}: "${match[0]}" -> ${instead}`)
    }
}
for (const line of found) console.log(line)
console.log(found.length === 0 ? `prose: ${files.length} files read` : `prose: ${found.length} private words`)
process.exitCode = found.length === 0 ? 0 : 1

/** The lines of a file that a person reads, with their numbers. */
function proseOf(file, text) {
  if (file.endsWith('.md')) return documentLines(text)
  if (file.endsWith('.json')) return numbered(text, (line) => line.replace(/^\s*"[^"]*":/, ''))
  if (file.endsWith('.svelte')) return svelteComments(text)
  return scriptComments(text, 1)
}

function numbered(text, wordsOf) {
  return text.split('\n').map((line, i) => ({ line: i + 1, words: wordsOf(line) }))
}

function documentLines(text) {
  let isCode = false
  return numbered(text, (line) => {
    if (/^\s*```/.test(line)) isCode = !isCode
    return isCode ? '' : line.replace(/`[^`]*`/g, '')
  })
}

function svelteComments(text) {
  const lines = []
  for (const { 0: comment, index } of text.matchAll(/<!--[\s\S]*?-->/g))
    lines.push(...commentLines(comment, lineAt(text, index)))
  for (const { 1: open, 2: script, index } of text.matchAll(/(<script[^>]*>)([\s\S]*?)<\/script>/g))
    lines.push(...scriptComments(script, lineAt(text, index + open.length)))
  return lines
}

function scriptComments(text, firstLine) {
  const lines = []
  const source = ts.createSourceFile('read.ts', text, ts.ScriptTarget.Latest, false)
  const seen = new Set()
  const visit = (node) => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ]) {
      if (seen.has(range.pos)) continue
      seen.add(range.pos)
      lines.push(...commentLines(text.slice(range.pos, range.end), firstLine - 1 + lineAt(text, range.pos)))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return lines
}

function commentLines(comment, firstLine) {
  return comment
    .split('\n')
    .map((words, i) => ({ line: firstLine + i, words: words.replace(/`[^`]*`/g, '') }))
}

function lineAt(text, index) {
  return text.slice(0, index).split('\n').length
}
