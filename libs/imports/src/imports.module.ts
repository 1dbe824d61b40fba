import { Inject, Module } from '@nestjs/common';
import { ApiDocument } from '@rushes/platform';
import { ImportsController } from './http/imports.controller.ts';
import { importsPaths } from './http/openapi-paths.ts';
import { ImportsService } from './imports-service.ts';

/** Takes recordings made elsewhere over HTTP. Needs `PlatformModule` and ffmpeg; a timeline writer, here or elsewhere, completes them. */
@Module({ controllers: [ImportsController], providers: [ImportsService], exports: [ImportsService] })
export class ImportsModule {
  constructor(@Inject(ApiDocument) document: ApiDocument) {
    document.add(importsPaths);
  }
}
