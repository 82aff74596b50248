#!/usr/bin/env node
/**
 * The program `tilth` for the operator of the server. Exit code 0: done; 1: rejected or failed, with one line that
 * explains why; 2: invalid arguments.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { backupCommand, backupUsage } from './commands/backup.ts'
import type { Command } from './commands/command.ts'
import { deviceCommand, deviceUsage } from './commands/device.ts'
import { doctorCommand, doctorUsage } from './commands/doctor.ts'
import { gatewayCommand, gatewayUsage } from './commands/gateway.ts'
import { importCommand, importUsage } from './commands/import.ts'
import { moveCommand, moveUsage } from './commands/move.ts'
import { passwordCommand, passwordUsage } from './commands/password.ts'
import { restoreCommand, restoreUsage } from './commands/restore.ts'
import { verifyCommand, verifyUsage } from './commands/verify.ts'
import { envFileIn, readSettings } from '../config/settings.ts'
import { errorCodes } from '../errors.ts'
import { progressBar } from '../runtime/progress-bar.ts'

const commands: Record<string, { run: Command; usage: string }> = {
  device: { run: deviceCommand, usage: deviceUsage },
  gateway: { run: gatewayCommand, usage: gatewayUsage },
  backup: { run: backupCommand, usage: backupUsage },
  restore: { run: restoreCommand, usage: restoreUsage },
  import: { run: importCommand, usage: importUsage },
  move: { run: moveCommand, usage: moveUsage },
  password: { run: passwordCommand, usage: passwordUsage },
  verify: { run: verifyCommand, usage: verifyUsage },
  doctor: { run: doctorCommand, usage: doctorUsage },
}
/** Programs that take over this process, from this folder of the build. */
const programs: Record<string, string> = {
  start: '../main.js',
  demo: '../../firmware-sim/demo/demo.js',
}
const usage = `usage: tilth COMMAND ...     (from the sources: npm run COMMAND -- ...)

  start [--accept-loss NAME]      runs everything, as npm start; --help lists the settings
  demo [OPTIONS]                  runs a simulated co-operative; --help lists the options
${Object.values(commands)
  .map((command) => command.usage)
  .join('\n')}
Settings (above all DATA_DIR) come from the environment or a tilth.env file, as for npm start.
`

process.umask(0o077) // a backup and restored files are readable by this user only

/** null: the program runs. */
async function main([name = '', ...args]: string[]): Promise<number | null> {
  if (Object.hasOwn(programs, name)) return runProgram(programs[name]!, args)
  const asksHelp = ['--help', '-h', 'help'].includes(name) || args.includes('--help') || args.includes('-h')
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (asksHelp) {
    process.stdout.write(command ? command.usage : usage)
    return 0
  }
  if (!command) {
    process.stderr.write(
      `tilth: ${name === '' ? 'expected a command' : `unknown command ${name}`}\n\n${usage}`,
    )
    return 2
  }
  const settings = readSettings(process.env, envFileIn(process.cwd()))
  if (!settings.ok) return printError(1, settings.error)
  const outcome = await command.run(args, {
    settings: settings.value,
    print: (text) => void process.stdout.write(`${text}\n`),
    progress: (label) => progressBar(label, { output: process.stderr }),
  })
  return outcome.ok ? 0 : printError(2, `${outcome.error}\n\n${command.usage}`)
}

/** The program reads its arguments as if it had been called itself. */
async function runProgram(path: string, args: string[]): Promise<number | null> {
  const program = join(import.meta.dirname, path)
  if (!existsSync(program))
    return printError(1, `${program} is not built. From the sources: npm start, npm run demo`)
  process.argv = [process.argv[0]!, program, ...args]
  await import(pathToFileURL(program).href)
  return null
}

function printError(code: number, text: string): number {
  process.stderr.write(`tilth: ${text.trimEnd()}\n`)
  return code
}

main(process.argv.slice(2)).then(
  (code) => void (code !== null && (process.exitCode = code)),
  (error: Error & { code?: string }) => {
    const isOurs = error.code !== undefined && error.code in errorCodes
    process.exitCode = printError(1, isOurs ? error.message : (error.stack ?? String(error)))
  },
)
