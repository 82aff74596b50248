/** `npm run profile` (services/cli/profile/). */
import { runProfile } from './profile/main.ts'

process.exitCode = await runProfile(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`))
