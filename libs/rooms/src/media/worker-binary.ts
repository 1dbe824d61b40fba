export { findWorkerBinary } from '@rushes/media/worker-binary';
