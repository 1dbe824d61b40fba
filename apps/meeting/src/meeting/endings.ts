import type { ClosingReason } from '@rushes/rooms/protocol';
import type { Ending } from './meeting-view.ts';

/** What to say when the meeting is over for this page. */
export function endingFor(reason: ClosingReason | 'refused' | 'token-refused' | 'no-token', detail = ''): Ending {
  switch (reason) {
    case 'left':
      return {
        title: 'You left the meeting',
        text: 'The others are still there. You can go back in.',
        canRejoin: true,
      };
    case 'room-ended':
      return {
        title: 'The meeting has ended',
        text: 'The host ended it for everybody. Thanks for being there.',
        canRejoin: false,
      };
    case 'replaced':
      return {
        title: 'You joined from somewhere else',
        text: 'The meeting goes on in your other window or device. You can bring it back here.',
        canRejoin: true,
      };
    case 'token-refused':
      return {
        title: 'This link is no longer valid',
        text: 'Meeting links work for a limited time, and only where they were made. Ask whoever invited you for a new one.',
        canRejoin: false,
      };
    case 'no-token':
      return {
        title: 'You need an invitation link',
        text: 'A meeting opens with a link that ends in #room=…&token=…. Ask whoever invited you to send it again, and open all of it.',
        canRejoin: false,
      };
    case 'too-many-requests':
    case 'media-lost':
      return {
        title: 'The connection was closed',
        text: 'Something went wrong between this page and the meeting.',
        canRejoin: true,
      };
    case 'refused':
      return { title: 'You could not join', text: detail || 'The meeting did not let you in.', canRejoin: true };
  }
}
