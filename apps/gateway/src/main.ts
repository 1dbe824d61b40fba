import { runService } from '@rushes/platform';
import { gatewayModule } from './gateway.module.ts';

await runService('gateway', gatewayModule);
