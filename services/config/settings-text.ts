/** The settings for people: the usage text of `npm start -- --help` and the page docs/settings.md. */
import { settingGroups, settingInfo, type SettingName } from './settings-schema.ts'

const NAME_WIDTH = 22

/** The usage text of the server. */
export const usage =
  (): string => `usage: npm start            (settings come from the environment or a tilth.env file)

${[...settingGroups()].map(([title, names]) => `${title}\n${names.map(usageLine).join('\n')}\n`).join('\n')}`

function usageLine(name: SettingName): string {
  const { default: value, description } = settingInfo(name)
  return `  ${name.padEnd(NAME_WIDTH)} ${description}${value === '' ? '' : ` (${value})`}`
}

/** docs/settings.md. */
export const settingsPage = (): string => `# Settings

Settings come from environment variables, or from a \`tilth.env\` file in the working directory with one \`NAME=value\` a
line; the environment takes precedence. An invalid setting stops the start with one line. This page is generated from
\`services/config/settings-schema.ts\` by \`npm run schemas\`.

${[...settingGroups()].map(([title, names]) => section(title, names)).join('\n')}`

const section = (title: string, names: readonly SettingName[]): string =>
  `## ${title}

| Setting | Default | Meaning | Must |
| --- | --- | --- | --- |
${names.map(row).join('\n')}
`

function row(name: SettingName): string {
  const { default: value, description, must } = settingInfo(name)
  const cells = [
    `\`${name}\``,
    value === '' ? '' : `\`${value}\``,
    description,
    must === 'be a text' ? '' : must,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
