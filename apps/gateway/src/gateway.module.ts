import { Inject, Module, type Type } from '@nestjs/common';
import { IngestModule } from '@rushes/ingest';
import { HealthRegistry, PlatformModule, type Config } from '@rushes/platform';
import { whiteboardPlugin } from '@rushes/whiteboard';

/** `/v1/capture` and nothing else; any number may run. */
export function gatewayModule(config: Config): Type {
  @Module({ imports: [PlatformModule.forRoot(config), IngestModule.forRoot({ plugins: [whiteboardPlugin] })] })
  class GatewayModule {
    constructor(@Inject(HealthRegistry) health: HealthRegistry) {
      // Pages keep their connections and are told to try again; without the store everything but large events is taken.
      health.tolerate('event-log', 'object-store');
    }
  }
  return GatewayModule;
}
