import { z } from 'zod';

export const port = z.coerce
  .number('expected a port number')
  .int()
  .min(0, 'expected a port, 0 to 65535')
  .max(65535, 'expected a port, 0 to 65535');
export const rtcPort = z.coerce
  .number('expected a port number')
  .int()
  .min(1024, 'expected a port, 1024 to 65535')
  .max(65535, 'expected a port, 1024 to 65535');
export const seconds = (max: number) =>
  z.coerce
    .number('expected a number of seconds')
    .int('expected whole seconds')
    .min(10, 'expected at least 10 seconds')
    .max(max, `expected at most ${max} seconds`);
export const bytes = z.coerce
  .number('expected a number of bytes')
  .int('expected whole bytes')
  .min(10_000_000, 'expected at least 10000000 bytes');
export const switchValue = z.enum(['true', 'false'], 'expected true or false').transform((value) => value === 'true');
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' })
  .transform((url) => url.replace(/\/+$/, ''));
export const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'expected a postgres:// URL' });
export const list = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(z.string()).min(1, 'expected at least one, separated by commas'));
export const originPattern = z
  .string()
  .regex(
    /^https?:\/\/(\*\.)?[\w.-]+(:(\d+|\*))?$/,
    'expected origins like https://recorder-1.example.com or http://127.0.0.1:*',
  );
export const rawPackets = z
  .string()
  .regex(
    /^(keep|drop-after-verification|[1-9]\d{0,4}d)$/,
    'expected keep, drop-after-verification or a number of days like 90d',
  )
  .transform((value): RawPackets => {
    if (value === 'keep' || value === 'drop-after-verification') return { policy: value };
    return { policy: 'keep-days', days: Number(value.slice(0, -1)) };
  });
/** What becomes of raw packets. */
export type RawPackets = { policy: 'keep' | 'drop-after-verification' } | { policy: 'keep-days'; days: number };

export const count = (what: string) =>
  z.coerce
    .number(`expected a number of ${what}`)
    .int(`expected a whole number of ${what}`)
    .min(1, 'expected at least 1')
    .max(1000, 'expected at most 1000');
export const retentionHours = z.coerce
  .number('expected a number of hours')
  .min(1, 'expected at least 1 hour')
  .max(876_000, 'expected at most 876000 hours');
export const day = 86_400;

/** A variable of the environment: what it may be, what it is for, and how its default reads in the documentation. */
export type Variable = { schema: z.ZodType; meaning: string; defaultText: string };
