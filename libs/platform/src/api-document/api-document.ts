import { Injectable } from '@nestjs/common';
import type { ZodOpenApiPathsObject } from 'zod-openapi';

/** What the modules of this process say about their HTTP paths; the OpenAPI document is built from it. */
@Injectable()
export class ApiDocument {
  readonly #paths: ZodOpenApiPathsObject = {};

  /** Adds paths, described with the very schemas that check the requests. @throws Error when a path is already described */
  add(paths: ZodOpenApiPathsObject): void {
    for (const [path, item] of Object.entries(paths)) {
      if (Object.hasOwn(this.#paths, path)) throw new Error(`${path} is described twice`);
      this.#paths[path] = item;
    }
  }

  /** Everything added so far. */
  paths(): ZodOpenApiPathsObject {
    return { ...this.#paths };
  }
}
