/** The image's health check: exit code 0 when this container's service is ready. */
const port = process.env.RUSHES_HTTP_PORT || 7070;
const isReady = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(3_000) }).then(
  (response) => response.ok,
  () => false,
);
process.exit(isReady ? 0 : 1);
