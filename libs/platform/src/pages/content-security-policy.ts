type Directives = Readonly<Record<string, readonly string[]>>;

/** The policy as its header. */
export function contentSecurityPolicy(directives: Directives): string {
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ');
}

/**
 * For the page that shows recordings. The replay's sandboxed iframe inherits it: a recorded page cannot load or reach
 * anything outside this origin, even where the sandbox would let it. `mediaOrigins`: where tracks and films are sent on to.
 */
export function viewerPolicy(mediaOrigins: readonly string[] = []): string {
  return contentSecurityPolicy({
    'default-src': ["'self'"],
    'script-src': ["'self'"],
    // Replayed pages are made of inline styles.
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'", 'data:'],
    'media-src': ["'self'", 'blob:', ...mediaOrigins],
    'connect-src': ["'self'", ...mediaOrigins],
    'frame-src': ["'self'", 'about:'],
    'worker-src': ["'self'", 'blob:'],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'self'"],
  });
}

/**
 * For the meeting page. `webSocketOrigins`: `ws://host:port`; its own, for browsers whose `'self'` leaves out WebSockets, and
 * the recorders'.
 */
export function meetingPolicy(webSocketOrigins: readonly string[]): string {
  return contentSecurityPolicy({
    'default-src': ["'self'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'", 'data:'],
    'media-src': ["'self'", 'blob:'],
    'connect-src': ["'self'", ...webSocketOrigins],
    'worker-src': ["'self'", 'blob:'],
    'frame-src': ["'none'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'self'"],
  });
}

/** For stored objects opened as a page of their own (an SVG that somebody recorded): nothing runs, nothing loads. */
export const storedObjectPolicy = contentSecurityPolicy({
  'default-src': ["'none'"],
  'style-src': ["'unsafe-inline'"],
  'media-src': ["'self'"],
  sandbox: [],
});
