/** Commands whose output people cut short with `head`. */
import t from 'tap'
import { startCommand } from './run-command.ts'

for (const name of ['transfers', 'audit-verify', 'keys', 'doctor'])
  t.test(`given ${name}, when nobody reads what it prints, then it ends without a stack trace`, async (t) => {
    const { child, result } = startCommand(process.execPath, [`src/commands/${name}.ts`, '--help'])
    child.stdout?.destroy()
    const { exitCode, stderr } = await result
    t.strictSame({ exitCode, stderr }, { exitCode: 141, stderr: '' })
  })
