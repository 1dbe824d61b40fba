# One image for every app; the command chooses it: docker run rushes api. Checked by hadolint (test/integration/deployment.spec.ts).

FROM node:24.21.0-bookworm AS build
ENV XDG_CACHE_HOME=/cache
WORKDIR /rushes
COPY . .
# npm packages, the mediasoup worker (fetched, or built with Debian's libraries), the web pages.
RUN node scripts/run.mjs setup sfu web \
 && cp /cache/rushes/mediasoup-worker/*/mediasoup-worker /usr/local/bin/ \
 && npm prune --omit=dev --ignore-scripts

FROM node:24.21.0-bookworm-slim
# Debian as it was on this day: the same browser, encoder and fonts, so the same pixels, whenever the image is built.
ARG DEBIAN_SNAPSHOT=20261122T000000Z
RUN rm -f /etc/apt/sources.list.d/debian.sources \
 && for archive in "debian bookworm" "debian bookworm-updates" "debian-security bookworm-security"; do \
      echo "deb [check-valid-until=no] http://snapshot.debian.org/archive/${archive%% *}/${DEBIAN_SNAPSHOT} ${archive##* } main"; \
    done > /etc/apt/sources.list \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      chromium-headless-shell=156.* \
      ffmpeg=7:5.1.* \
      fonts-dejavu=2.37-* \
      fonts-noto-core=20201225-* \
      fonts-noto-color-emoji=2.042-* \
      libabsl20220623=20220623.* \
      libsrtp2-1=2.5.* \
      libssl3=3.0.* \
      libuv1=1.44.* \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home rushes \
 && install -d -o rushes -g rushes /data

COPY --from=build /usr/local/bin/mediasoup-worker /usr/local/bin/mediasoup-worker
COPY --from=build /rushes /rushes
WORKDIR /rushes
ENV NODE_ENV=production \
    MEDIASOUP_WORKER_BIN=/usr/local/bin/mediasoup-worker \
    RUSHES_FFMPEG=/usr/bin/ffmpeg \
    RUSHES_FFPROBE=/usr/bin/ffprobe \
    RUSHES_HEADLESS_SHELL=/usr/bin/chromium-headless-shell \
    RUSHES_HOST=0.0.0.0 \
    RUSHES_DATA_DIR=/data
USER rushes
VOLUME /data
EXPOSE 7070 7071
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s CMD ["node", "deploy/check-health.mjs"]
ENTRYPOINT ["deploy/run-app.sh"]
CMD ["standalone"]
