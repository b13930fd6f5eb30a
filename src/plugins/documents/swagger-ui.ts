/** The pages at /docs: Swagger UI for a browser. Their files are read once and sent from memory. */
import { readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import helmet from '@fastify/helmet'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, RouteHandlerMethod } from 'fastify'
import { Problem } from '../../model/problems.ts'
import type { DocumentHandlers } from './openapi-documents.ts'

/**
 * The Content-Security-Policy of the page. It cannot be Swagger UI's own (`staticCSP: true`): that one refuses the styles that Swagger UI
 * sets on its elements, and it asks for https, which a service without TLS does not have.
 */
const contentSecurityPolicy =
  "default-src 'self'; base-uri 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self' 'unsafe-inline'"

const assetFolder = join(dirname(fileURLToPath(import.meta.resolve('@fastify/swagger-ui'))), 'static')
const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.png': 'image/png',
}

/** Sends the files of Swagger UI. The library would open a file for each request, and leave it open while its client reads nothing. */
function createAssetHandler(): RouteHandlerMethod {
  const assets = new Map<string, Buffer>()
  function readAsset(name: string): Buffer {
    if (!/^[\w-]+(\.[\w-]+)+$/.test(name)) throw new Error('not the name of a file')
    const asset = assets.get(name) ?? readFileSync(join(assetFolder, name))
    assets.set(name, asset)
    return asset
  }
  return (request, reply) => {
    const name = (request.params as { '*': string })['*']
    const contentType = contentTypes[extname(name)]
    if (!contentType) throw new Problem('NOT_FOUND', 'There is nothing at this address.')
    try {
      const asset = readAsset(name)
      return reply.headers({ 'content-type': contentType, 'cache-control': 'public, max-age=3600' }).send(asset)
    } catch {
      throw new Problem('NOT_FOUND', 'There is nothing at this address.')
    }
  }
}

const readPageFile = (name: string): string => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')

/** What page/handoff.js defines in the browser. */
declare const handoffPage: {
  (system: unknown): object
  requestInterceptor: (request: object) => Promise<object>
}
/** Swagger UI's options. The page gets the source of the functions, so they can refer to nothing but what is there. */
const uiConfig = {
  layout: 'BaseLayout',
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  plugins: [(system: unknown) => handoffPage(system)],
  requestInterceptor: (request: object) => handoffPage.requestInterceptor(request),
}

/** Without a viewport, a phone shows the page as wide as a desktop. With both color schemes, it is never white for a moment in a dark system. */
const metaElements = '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'

/** Adds the pages. @param documents handlers that send the OpenAPI document to the page */
export async function registerSwaggerUi(app: FastifyInstance, documents: DocumentHandlers): Promise<void> {
  const handlers: Readonly<Record<string, RouteHandlerMethod>> = {
    '/docs/json': documents.json,
    '/docs/yaml': documents.yaml,
    '/docs/static/*': createAssetHandler(),
  }
  // Helmet's headers are for browsers and would slow down every API request, so only the pages get them.
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => {
      route.handler = handlers[route.url] ?? route.handler
    })
    pages.addHook('onSend', (_request, reply, payload, next) => {
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html') && typeof payload === 'string'
      next(null, isPage ? payload.replace('<meta charset="UTF-8">', `<meta charset="UTF-8">${metaElements}`) : payload)
    })
    await pages.register(helmet, { contentSecurityPolicy: false, strictTransportSecurity: false })
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      // Makes the addresses in the page relative, so that they also work behind a proxy that adds a path before them.
      indexPrefix: '.',
      staticCSP: contentSecurityPolicy,
      theme: {
        title: 'Handoff',
        css: [{ filename: 'handoff.css', content: readPageFile('handoff.css') }],
        js: [{ filename: 'handoff.js', content: readPageFile('handoff.js') }],
      },
      uiConfig,
    })
  })
}
