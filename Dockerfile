# One file, and one image for every stage of the street: it runs in the stage that APP_STAGE names, and ends without it.
#   docker build --target runtime --tag nestor:runtime .
# The targets acceptance and production are two more names of that image. The test target runs the tests, the development
# target restarts when a file changes; they come last, because the classic builder makes every target that stands above
# its own.

# The workflow that builds the released image gives the digest of this base, and the image keeps it as a label, so that
# the same can be built again: docker build --build-arg NODE_IMAGE=node@sha256:… .
ARG NODE_IMAGE=node:24-bookworm-slim

# Nothing of a package runs while it is installed. onnxruntime-node has its library for the processor in its package.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts && npm cache clean --force

FROM dependencies AS build
COPY tsconfig.json tsconfig.build.json nest-cli.json rolldown.config.mjs ./
COPY src src
RUN npm run build

# What only a developer reads or another platform runs stays behind: of onnxruntime-node's binaries the image takes the
# one that loads here. Licences stay. Without --omit=optional npm would keep the TypeScript compiler, which a plugin that
# is not used here names as its optional peer. Node looks for compiled code in a folder that ends in the number of
# its user.
FROM build AS files
COPY artifacts artifacts
COPY deploy/docker/sbom.mjs deploy/docker/
RUN node deploy/docker/sbom.mjs --debian > sbom.cdx.json \
 && npm prune --omit=dev --omit=optional \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} + \
 && find node_modules dist -type f \( -name '*.map' -o -name '*.ts' -o -name '*.[cm]ts' -o -name '*.md' \) -delete \
 && find node_modules dist -type d -empty -delete \
 && for cache in dist/compile-cache/*-0; do mv "$cache" "${cache%-0}-1000"; done && chmod -R a+rX dist \
 && mkdir -p /var/lib/nestor/predictions /var/lib/nestor/state

# What serving needs of the base: no package manager of Node, no headers, no lists of apt, and no program that gives its
# caller the rights of another user. What dpkg has installed stays written down, for those who look for known faults.
FROM ${NODE_IMAGE} AS base
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share/doc /usr/local/share/man \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /usr/local/bin/pnpm* \
      /usr/local/bin/docker-entrypoint.sh /opt/yarn* /root/.npm /var/lib/apt/lists/* /var/cache/apt/* \
 && find / -xdev -type f -perm /6000 -exec chmod ug-s {} +

# Copied, because what a layer takes away is still in the one below.
FROM scratch AS runtime
COPY --from=base / /
WORKDIR /app
COPY --from=files /app/node_modules node_modules
COPY --from=files /app/package.json /app/sbom.cdx.json ./
COPY --from=files /app/dist dist
COPY deploy/docker/healthcheck.js ./
# The guides, as pages.
COPY docs/*.md docs/
# A named volume that is mounted here for the first time takes these files and their owner.
COPY --from=files --chown=1000:1000 /app/artifacts artifacts
COPY --from=files --chown=1000:1000 /var/lib/nestor /var/lib/nestor
# Left to whoever runs the image: APP_STAGE, which NODE_ENV=production makes Nestor insist on; and PREDICTION_LOG_DIR,
# because a container without a volume must not record into a layer that goes away with it.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=4194304 \
    NODE_ENV=production ARTIFACTS_DIR=/app/artifacts STATE_DIR=/var/lib/nestor/state HOST=:: PORT=3000
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG NODE_IMAGE
LABEL org.opencontainers.image.title="Nestor" \
      org.opencontainers.image.description="Typed, recorded, measured predictions over HTTP from models exported to ONNX." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="$NODE_IMAGE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["node", "/app/healthcheck.js"]
CMD ["node", "--min-semi-space-size=16", "--max-semi-space-size=16", "dist/main.js"]

# Nothing may stand below these two lines, or what was accepted is not what runs.
FROM runtime AS acceptance
FROM runtime AS production

# The whole repository with its tools.
FROM dependencies AS sources
COPY --chown=1000:1000 . .
COPY --from=build --chown=1000:1000 /app/dist dist
RUN mkdir -p /var/lib/nestor/predictions /var/lib/nestor/state && chown -R 1000:1000 /var/lib/nestor && chown 1000:1000 /app
USER 1000:1000

# Compose lays the source folder of the clone over this one; a saved file restarts the server.
FROM sources AS development
ENV HOST=::
EXPOSE 3000
CMD ["npm", "run", "start:dev"]

# Runs the tests and ends; they choose their settings themselves, so none are set here. The Python package has its own
# tests and is not installed, so this is not `npm test`, which runs those too.
FROM sources AS test
USER root
RUN apt-get update && apt-get install --yes --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
USER 1000:1000
ENV CI=true
CMD ["node", "node_modules/vitest/vitest.mjs", "run"]
