import { Controller, Get, HttpCode } from '@nestjs/common';
import { Requires } from '@rushes/platform';

/** Tells a page why it could not connect: browsers keep to themselves with which status an upgrade was refused. */
@Controller('v1/rooms')
export class AccessController {
  /** 204 when a meeting token (`?token=`) is taken, else 401 or 403 as a problem document. */
  @Get('access')
  @HttpCode(204)
  @Requires('meeting')
  check(): void {
    // The guard has answered the question.
  }
}
