const storageKey = 'rushes-viewer-token';

/**
 * The viewer token. It comes in the address as `#token=…`, is kept for this tab and leaves the address bar at once, so
 * that it is not copied along with a link or kept in the history.
 */
export function takeToken(view: Window): string | null {
  const parameters = new URLSearchParams(view.location.hash.slice(1));
  const given = parameters.get('token');
  if (given !== null && given !== '') {
    view.sessionStorage.setItem(storageKey, given);
    parameters.delete('token');
    const rest = parameters.toString();
    const { pathname, search } = view.location;
    view.history.replaceState(null, '', `${pathname}${search}${rest === '' ? '' : `#${rest}`}`);
  }
  return view.sessionStorage.getItem(storageKey);
}

export function forgetToken(view: Window): void {
  view.sessionStorage.removeItem(storageKey);
}
