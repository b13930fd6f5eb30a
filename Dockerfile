# The dependencies, without the development tools and without the Node that npm carries for bare machines: the image has its own.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATABASE_URL=sqlite:/data/handoff.db NODE_COMPILE_CACHE=/tmp/compile-cache MALLOC_ARENA_MAX=1
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
# A new volume takes its owner from here, so that the process needs no root to write the ledger.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# As npm start: a small young generation and one thread keep pauses of the garbage collector short and memory low (npm run bench).
CMD ["node", "--max-semi-space-size=4", "--single-threaded-gc", "src/server.ts"]
