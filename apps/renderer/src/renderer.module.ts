import { Module, type Type } from '@nestjs/common';
import { ExportsWorkerModule } from '@rushes/exports';
import { PlatformModule, type Config } from '@rushes/platform';

/** Renders exports, one at a time; several share the jobs. */
export function rendererModule(config: Config): Type {
  @Module({ imports: [PlatformModule.forRoot(config), ExportsWorkerModule] })
  class RendererModule {}
  return RendererModule;
}
