import { Inject, Injectable } from '@nestjs/common';
import { EventLog } from '@rushes/event-log';
import { newId } from '../ids/new-id.ts';
import { EventPublisher } from './event-publisher.ts';

/** Makes the publishers of this process; each has a source of its own. */
@Injectable()
export class EventPublishers {
  constructor(@Inject(EventLog) private readonly eventLog: EventLog) {}

  /** @param service lower-case name of the service: `rooms` */
  create(service: string): EventPublisher {
    return new EventPublisher(this.eventLog, `services/${service}/${newId()}`);
  }
}
