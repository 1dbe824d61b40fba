import { Module, type Type } from '@nestjs/common';
import { PlatformModule, type Config } from '@rushes/platform';
import { RoomsModule } from '@rushes/rooms';
import { whiteboardPlugin } from '@rushes/whiteboard';

const plugins = [whiteboardPlugin];

/** Every service in one process, on the adapters that the configuration names. */
export function standaloneModule(config: Config): Type {
  @Module({ imports: [PlatformModule.forRoot(config), RoomsModule.forRoot({ plugins })] })
  class StandaloneModule {}
  return StandaloneModule;
}
