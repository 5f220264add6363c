# Validator, load generator and operator in one image; `npm run image` makes the same one without a container engine.
#
#   docker buildx build --tag registry.example/shardnet:0.1.0 .
#   docker buildx build --platform linux/amd64,linux/arm64 --tag registry.example/shardnet:0.1.0 --push .
#
# Nothing runs on the architecture that it is built for, so no emulation is needed. Both ways take Node and the files of
# the application from the same program (tools/image.ts): what is tested is what ships.

FROM --platform=$BUILDPLATFORM docker.io/library/node:24-trixie-slim AS build
WORKDIR /project
COPY . .
RUN npm ci --include=optional --ignore-scripts --no-audit --no-fund
# BuildKit says for which architecture: what follows differs by it, what is above is done once.
ARG TARGETARCH
RUN node tools/image.ts --platform "linux/${TARGETARCH}" --tree /image

# glibc, the C++ library and nothing to log in with: the same parts that `npm run image` takes from the machine it runs on.
FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /image/ /
ENV NODE_ENV=production
USER 65532:65532
WORKDIR /app
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["node/src/host/main.js"]
