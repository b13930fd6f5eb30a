/** The page of the console, with the addresses of the packages that its modules import, and the Content-Security-Policy that allows just that. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { asConsoleFile, consoleFolder, packages, readConsoleFile, type ConsoleFile } from './files.ts'

export interface Page extends ConsoleFile {
  contentSecurityPolicy: string
}

/** Browsers read an import map only from the page itself, so the policy allows this one script by its hash. */
const importMap = JSON.stringify({
  imports: Object.fromEntries(Object.entries(packages).map(([name, { address }]) => [name, `./${address}`])),
})

const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(importMap).digest('base64')}'`,
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

let page: Page | undefined

/** The modules that a module needs at once, itself included: what it imports, and what that imports. A view that is imported later is not needed. */
function listNeeded(address: string, needed = new Set<string>()): Set<string> {
  if (needed.has(address)) return needed
  needed.add(address)
  const source = String(readConsoleFile(address)?.content ?? '')
  for (const [, specifier = ''] of source.matchAll(/ from '([^']+)'/g))
    listNeeded(packages[specifier]?.address ?? posix.join(posix.dirname(address), specifier), needed)
  return needed
}

/** The page. The modules of the live view are named in it, so that a browser requests them at once and not one after the other. */
export function readPage(): Page {
  if (page) return page
  const html = readFileSync(join(consoleFolder, 'index.html'), 'utf8')
    .replace('<!-- import map -->', `<script type="importmap">${importMap}</script>`)
    .replace(
      '<!-- modules -->',
      [...listNeeded('main.js')].map((address) => `<link rel="modulepreload" href="./${address}" />`).join('\n    '),
    )
  page = { ...asConsoleFile(Buffer.from(html), 'text/html; charset=utf-8'), contentSecurityPolicy }
  return page
}
