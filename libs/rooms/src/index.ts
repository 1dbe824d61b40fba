export * from './room-events.ts';
export * from './rooms-options.ts';
export * from './rooms.module.ts';
export { RoomRegistry } from './room/room-registry.ts';
export { signallingPath } from './signalling/rooms-gateway.ts';
