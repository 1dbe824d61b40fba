import { Module, type DynamicModule } from '@nestjs/common';
import { RoomEvents } from './room-events.ts';
import { RoomMetrics } from './room/room-metrics.ts';
import { RoomRecordings } from './room/room-recordings.ts';
import { RoomRegistry } from './room/room-registry.ts';
import { defaultRoomsOptions, ROOMS_OPTIONS, type RoomsOptions } from './rooms-options.ts';
import { AccessController } from './signalling/access.controller.ts';
import { RoomsGateway } from './signalling/rooms-gateway.ts';

/** Meetings: rooms on mediasoup and their signalling. Wants the global `PlatformModule`; exports {@link RoomEvents}. */
@Module({})
export class RoomsModule {
  static forRoot(options: Partial<RoomsOptions> = {}): DynamicModule {
    return {
      module: RoomsModule,
      controllers: [AccessController],
      providers: [
        { provide: ROOMS_OPTIONS, useValue: { ...defaultRoomsOptions, ...options } },
        { provide: RoomEvents, useFactory: () => new RoomEvents() },
        RoomRegistry,
        RoomRecordings,
        RoomMetrics,
        RoomsGateway,
      ],
      exports: [RoomEvents, RoomRegistry],
    };
  }
}
