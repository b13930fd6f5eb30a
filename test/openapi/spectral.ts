/** Checks the OpenAPI document with Spectral's rules for OpenAPI; a warning counts as an error. A part of `npm run lint:openapi`. */
import { readFileSync } from 'node:fs'
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { parse } from 'yaml'

const linter = new spectral.Spectral()
linter.setRuleset({ extends: [[rulesets.oas as unknown as RulesetDefinition, 'recommended']] })
const results = await linter.run(parse(readFileSync('openapi/transfers.yaml', 'utf8')) as Record<string, unknown>)
for (const { code, message, path } of results) process.stderr.write(`${path.join('.')}: ${message} (${code})\n`)
process.stdout.write(`Spectral: ${results.length} problems\n`)
if (results.length > 0) process.exitCode = 1
