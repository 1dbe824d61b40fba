import { idSchema, type PluginEventType } from '@rushes/timeline';
import { z } from 'zod';
import { palette } from './board.ts';

const unit = z.number().min(0).max(1);
const points = z
  .array(z.tuple([unit, unit]))
  .min(1)
  .max(500);

/** The schema of `data` by `<event>.v<n>`. */
export const whiteboardEvents = {
  /** A stroke began; while the pen is down its further points come as `stroke-extended`. */
  'stroke-drawn.v1': z.object({
    strokeId: idSchema,
    color: z.enum(palette),
    /** Thickness as a fraction of the board's width. */
    width: z.number().min(0.0005).max(0.05),
    points,
  }),
  'stroke-extended.v1': z.object({ strokeId: idSchema, points }),
  /** Anybody may rub out any stroke. */
  'stroke-erased.v1': z.object({ strokeId: idSchema }),
  /** The sender's newest stroke is taken back. */
  'stroke-undone.v1': z.object({}),
  'board-cleared.v1': z.object({}),
} as const;

export type WhiteboardEventName = keyof typeof whiteboardEvents;
export type WhiteboardEventData = { [N in WhiteboardEventName]: z.infer<(typeof whiteboardEvents)[N]> };

/** The full event type, as it stands in the timeline. */
export function whiteboardType(name: WhiteboardEventName): PluginEventType {
  return `rushes.plugin.whiteboard.${name}` as PluginEventType;
}
