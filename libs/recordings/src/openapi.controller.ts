import { Controller, Get, Inject } from '@nestjs/common';
import { ApiDocument, Requires } from '@rushes/platform';
import { openApiDocument } from './openapi-document.ts';

/** Describes the API of this very process; open, since it says nothing that the repository does not. */
@Controller()
@Requires('anyone')
export class OpenApiController {
  constructor(@Inject(ApiDocument) private readonly document: ApiDocument) {}

  @Get('openapi.json')
  read(): ReturnType<typeof openApiDocument> {
    return openApiDocument(this.document.paths());
  }
}
