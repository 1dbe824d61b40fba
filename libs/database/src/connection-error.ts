/** Of sockets and name servers. */
const socketCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
/** SQLSTATE: shut down, crashed, starting up, too many connections. Class 08 is about connections too. */
const serverCodes = new Set(['57P01', '57P02', '57P03', '53300']);
/** `pg` gives these no code. */
const messages = [
  /^Connection terminated/,
  /^Client has encountered a connection error/,
  /^timeout exceeded when trying to connect/,
  /^Query read timeout/,
  /^Client was closed and is not queryable/,
];

/** Whether the database was away, so that the same statement may succeed later. TypeORM's wrappers are looked into. */
export function isConnectionError(error: unknown): boolean {
  return isIn(error, new Set());
}

/** `seen`: errors may cause each other. */
function isIn(error: unknown, seen: Set<unknown>): boolean {
  if (!(error instanceof Error) || seen.has(error)) return false;
  seen.add(error);
  if (error instanceof AggregateError && error.errors.some((each) => isIn(each, seen))) return true;
  const { code, driverError } = error as Error & { code?: unknown; driverError?: unknown };
  if (typeof code === 'string') {
    if (socketCodes.has(code) || serverCodes.has(code) || /^08\w{3}$/.test(code) || code === 'database-busy')
      return true;
  }
  if (messages.some((pattern) => pattern.test(error.message))) return true;
  return isIn(driverError, seen) || isIn(error.cause, seen);
}
