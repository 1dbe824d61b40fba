import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '@rushes/platform';
import { Gauge } from 'prom-client';
import { RoomRegistry } from './room-registry.ts';

/** How much goes on in this process's rooms, counted when the metrics are read. */
@Injectable()
export class RoomMetrics {
  constructor(@Inject(Metrics) metrics: Metrics, @Inject(RoomRegistry) registry: RoomRegistry) {
    const gauge = (name: string, help: string, count: () => number) =>
      new Gauge({
        name,
        help,
        registers: [metrics.registry],
        collect() {
          this.set(count());
        },
      });
    const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
    gauge('rushes_rooms', 'Meetings going on', () => registry.rooms().length);
    gauge('rushes_room_members', 'People in meetings', () => sum(registry.rooms().map((room) => room.members.length)));
    gauge('rushes_room_tracks', 'Tracks being sent in meetings', () =>
      sum(registry.rooms().flatMap((room) => room.members.map((member) => member.media.tracks.size))),
    );
    gauge(
      'rushes_rooms_recorded',
      'Meetings being recorded',
      () => registry.rooms().filter((room) => room.recording).length,
    );
  }
}
