import { Inject, Module } from '@nestjs/common';
import { ApiDocument } from '@rushes/platform';
import { ExternalPresences } from './external-presences.ts';
import { OpenApiController } from './openapi.controller.ts';
import { recordingsPaths } from './openapi-paths.ts';
import { PresencesController } from './presences.controller.ts';
import { RecordingObjectsController } from './recording-objects.controller.ts';
import { RecordingRemoval } from './recording-removal.ts';
import { RecordingStore } from './recording-store.ts';
import { RecordingsController } from './recordings.controller.ts';
import { RecordingsService } from './recordings-service.ts';
import { StreamDocumentsController } from './stream-documents/stream-documents.controller.ts';
import { streamDocumentsPaths } from './stream-documents/stream-documents-paths.ts';
import { TokensController } from './tokens.controller.ts';

/** The HTTP API of recordings, their replay and tokens, the OpenAPI document and those of the event stream. Needs `PlatformModule`. */
@Module({
  controllers: [
    RecordingsController,
    PresencesController,
    RecordingObjectsController,
    TokensController,
    OpenApiController,
    StreamDocumentsController,
  ],
  providers: [RecordingsService, RecordingStore, RecordingRemoval, ExternalPresences],
  exports: [RecordingsService],
})
export class RecordingsModule {
  constructor(@Inject(ApiDocument) document: ApiDocument) {
    document.add({ ...recordingsPaths, ...streamDocumentsPaths });
  }
}
