import type { Request } from 'express';

/** Express's router, as far as it is read here: its layers tell which paths have routes. */
type RouterLayer = { route?: { methods: Record<string, boolean> }; match(path: string): boolean };

/** The methods, in capitals, that routes at the request's path answer to. */
export function allowedMethods(request: Request): string[] {
  const { router } = request.app as unknown as { router?: { stack: RouterLayer[] } };
  const methods = new Set<string>();
  for (const layer of router?.stack ?? []) {
    if (!layer.route || !layer.match(request.path)) continue;
    for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
  }
  methods.delete('_ALL');
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
