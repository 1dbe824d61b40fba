import { findAbsent } from './find-absent.ts';
import { planServices } from './plan-services.ts';
import { RunningServices, type RunningServicesOptions } from './running-services.ts';
import { serviceNames, type ServiceName } from './services-state.ts';

export type StartServicesOptions = Partial<RunningServicesOptions> & {
  /** Which services; by default all that can be had here. */
  only?: readonly ServiceName[];
  /** 3: topics are kept three times and `min.insync.replicas` is 2, so one broker may fail. Default 1. */
  kafkaNodes?: 1 | 3;
  /** Whether Kafka also listens with TLS and log-on. Default false. */
  isKafkaSecured?: boolean;
};

/**
 * Starts real services on free ports of 127.0.0.1, with data in a temporary folder. They end with this process unless
 * `endsWithParent` is false.
 * @throws Error when one that was asked for by name cannot be had here, or does not start: then none is left behind.
 */
export async function startServices(options: StartServicesOptions = {}): Promise<RunningServices> {
  const { only, kafkaNodes = 1, isKafkaSecured = false, endsWithParent = true, onChange } = options;
  const absent = findAbsent();
  for (const name of only ?? []) if (absent[name]) throw new Error(`${name} cannot be started: ${absent[name]}`);
  const names = (only ?? serviceNames).filter((name) => !absent[name]);
  const state = await planServices(names, { kafkaNodes, isKafkaSecured });
  onChange?.(state);
  const services = await RunningServices.open(state, { endsWithParent, ...(onChange && { onChange }) });
  try {
    await services.start();
    return services;
  } catch (error) {
    await services.stop();
    throw error;
  }
}
