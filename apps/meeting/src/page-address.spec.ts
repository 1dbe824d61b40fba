import { describe, expect, it } from 'vitest';
import { readPageAddress } from './page-address.ts';

describe('readPageAddress', () => {
  it('reads room and token from the fragment', () => {
    expect(readPageAddress('#room=standup&token=a.b.c')).toMatchObject({ roomId: 'standup', token: 'a.b.c' });
  });

  it('takes a name with spaces and the switches that scripts use', () => {
    expect(readPageAddress('#token=t&autojoin=1&name=Ada+Lovelace&sound=original&screensound=0&codec=VP9')).toEqual({
      roomId: null,
      token: 't',
      name: 'Ada Lovelace',
      isAutojoin: true,
      isOriginalSound: true,
      hasScreenSound: false,
      videoCodec: 'vp9',
    });
  });

  it('leaves out what is not there, and a codec that it does not know', () => {
    expect(readPageAddress('#codec=mjpeg')).toMatchObject({ token: null, isAutojoin: false, videoCodec: null });
  });
});
