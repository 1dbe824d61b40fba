import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { CONFIG, ProblemError, Requires, type Config } from '@rushes/platform';
import type { JsonSchema } from '@rushes/timeline';
import { streamDocuments } from './stream-documents.ts';

/** Describes the event stream to whoever reads it from Kafka; open, since it says nothing that the repository does not. */
@Controller()
@Requires('anyone')
export class StreamDocumentsController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get('asyncapi.json')
  asyncApi(): JsonSchema {
    return streamDocuments.asyncApi;
  }

  @Get('v1/schemas')
  list(): { schemas: { name: string; url: string }[] } {
    const names = [...streamDocuments.schemas.keys()].sort();
    return { schemas: names.map((name) => ({ name, url: `${this.config.publicUrl}/v1/schemas/${name}.json` })) };
  }

  @Get('v1/schemas/:file')
  @Header('content-type', 'application/schema+json')
  schema(@Param('file') file: string): JsonSchema {
    const schema = streamDocuments.schemas.get(file.replace(/\.json$/, ''));
    if (!schema)
      throw new ProblemError(404, 'not-found', `There is no schema "${file.slice(0, 100)}"; /v1/schemas lists them.`);
    return schema;
  }
}
