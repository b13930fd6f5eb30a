/** The console at /console: a page for the people who run the service. It is made of files without secrets; what it shows it reads from the API with a key. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../../model/problems.ts'
import { readConsoleFile, type ConsoleFile } from './files.ts'
import { readPage } from './page.ts'

/** Headers of every file. Nothing that the page loads, and no page that could load it, is anywhere else. */
const headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // A browser asks whether it still has the newest version, so that a page and its modules are never of different versions.
  'cache-control': 'no-cache',
}

function send(reply: FastifyReply, file: ConsoleFile, knownTag: string | undefined): FastifyReply {
  void reply.headers({ ...headers, etag: file.tag })
  if (knownTag === file.tag) return reply.code(304).send()
  return reply.type(file.contentType).send(file.content)
}

async function consolePlugin(app: FastifyInstance): Promise<void> {
  const hidden = { schema: { hide: true } }
  // Relative, so that it also works behind a proxy that adds a path before the service's own.
  app.get('/console', hidden, (_request, reply) => reply.redirect('console/'))
  app.get('/console/', hidden, (request, reply) => {
    const page = readPage()
    void reply.header('content-security-policy', page.contentSecurityPolicy)
    return send(reply, page, request.headers['if-none-match'])
  })
  app.get('/console/*', hidden, (request, reply) => {
    const file = readConsoleFile((request.params as { '*': string })['*'])
    if (!file) throw new Problem('NOT_FOUND', 'There is nothing at this address.')
    return send(reply, file, request.headers['if-none-match'])
  })
}

export default fp(consolePlugin, { name: 'console', fastify: '5.x' })
