# Two stages: the build has the tools, the image that runs has none of them and no root.
FROM node:22-bookworm-slim AS build
WORKDIR /tilth
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && node .ci/prune-packages.mjs
# of the font for PDF only what is read: one weight, and where each character is (77 of 82 MB less)
RUN find node_modules/@fontsource -type f ! -name '*-400-normal.woff' ! -name '*.json' ! -name LICENSE -delete

FROM node:22-bookworm-slim
# a container's own loopback is reached by nobody: which ports are published decides who hears MQTT
ENV NODE_ENV=production DATA_DIR=/data MQTT_HOST=0.0.0.0 MQTT_WEBSOCKET=local MDNS=off
WORKDIR /tilth
COPY --from=build /tilth/package.json ./
COPY --from=build /tilth/node_modules ./node_modules
COPY --from=build /tilth/dist ./dist
COPY --from=build /tilth/profiles ./profiles
RUN mkdir -m 700 /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080 8443 1883 8883
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8080) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# node itself is process 1, so that a stop signal reaches Tilth and open work is finished
CMD ["node", "--max-semi-space-size=24", "dist/services/main.js"]
