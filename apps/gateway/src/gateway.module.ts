import { Module, type Type } from '@nestjs/common';
import { IngestModule } from '@rushes/ingest';
import { PlatformModule, type Config } from '@rushes/platform';
import { whiteboardPlugin } from '@rushes/whiteboard';

/** `/v1/capture` and nothing else; any number may run. */
export function gatewayModule(config: Config): Type {
  @Module({ imports: [PlatformModule.forRoot(config), IngestModule.forRoot({ plugins: [whiteboardPlugin] })] })
  class GatewayModule {}
  return GatewayModule;
}
