# Two images: `production` (the default) is the service, `simulator` is the platform simulator for a staging system.
#   docker build -t handoff .
#   docker build -t handoff-simulator --target simulator .

# The runtime dependencies, without the development tools, and without the Node that npm installs for machines that have none.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# Only the simulator serves WebSockets.
FROM dependencies AS production-dependencies
RUN npm pkg delete dependencies.ws && npm prune --omit=dev --omit=optional --ignore-scripts

# The sources without the simulator, and without the demo, which starts the simulator.
FROM node:24-bookworm-slim AS production-source
WORKDIR /app
COPY src ./src
RUN rm -r src/simulator src/demo src/commands/demo.ts

FROM node:24-bookworm-slim AS runtime
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/compile-cache MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
COPY package.json LICENSE THIRD_PARTY_LICENSES.txt ./

FROM runtime AS simulator
COPY --from=dependencies /app/node_modules ./node_modules
COPY src/simulator ./src/simulator
USER node
EXPOSE 3999
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=5 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3999/_simulator').then((response) => process.exit(response.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/simulator/main.ts", "--host", "0.0.0.0", "--port", "3999"]

# The last stage is the default target.
FROM runtime AS production
ENV HOST=0.0.0.0 PORT=3000 DATABASE_URL=sqlite:/data/handoff.db
COPY --from=production-dependencies /app/node_modules ./node_modules
COPY --from=production-source /app/src ./src
# A new volume gets its owner from this directory, so that the process can write the ledger without root.
RUN mkdir -m 700 /data /app/compile-cache && chown node:node /data /app/compile-cache
USER node
# Two starts that connect to nothing fill the compile cache, one for each kind of ledger: a container has nothing to compile then. The first
# one runs until it is stopped (124), the second one fails without its database. The flags are those below: each set has a cache of its own.
ARG FLAGS="--max-semi-space-size=2 --heap-growing-percent=20 --liftoff-only --flush-baseline-code"
ENV NODE_COMPILE_CACHE=/app/compile-cache
RUN export PORT=0 GENESYS_CLIENT_ID=none GENESYS_CLIENT_SECRET=none GENESYS_GATEWAY_URL=http://127.0.0.1:9 \
    LOOP_TOKEN_SECRET=none-none-none-none AUDIT_KEY=none-none-none-none API_KEYS=hk_image_0000000000000000000000000000000000000000000:transfers:read; \
  DATABASE_URL=sqlite::memory: timeout 5 node $FLAGS src/server.ts; [ $? = 124 ] && \
  ! DATABASE_URL=postgres://127.0.0.1:9/none node $FLAGS src/server.ts
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((response) => process.exit(response.ok ? 0 : 1), () => process.exit(1))"]
# The flags of npm start (docs/sizing.md).
CMD ["node", "--max-semi-space-size=2", "--heap-growing-percent=20", "--liftoff-only", "--flush-baseline-code", "src/server.ts"]

# Last, because they change with every build: docker build --build-arg VERSION=… --build-arg REVISION=… (docs/releasing.md).
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Handoff" \
  org.opencontainers.image.description="Moves live Genesys Cloud calls to an agent, a queue, a skill or a number: each call exactly once, with an audit trail." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
