/** What the page's address says: `/meet/#room=…&token=…`. In the fragment, so that no server or referrer sees the token. */
export type PageAddress = {
  roomId: string | null;
  /** Meeting token; null: the page explains itself instead. */
  token: string | null;
  name: string | null;
  /** Joins without a click, as scripts do. */
  isAutojoin: boolean;
  /** Microphone without echo cancellation, noise suppression and gain control: music, measurements. */
  isOriginalSound: boolean;
  /** Whether a shared screen brings its sound along, where the browser offers it. */
  hasScreenSound: boolean;
  /** Preferred video codec; null: the room's first. */
  videoCodec: 'vp8' | 'vp9' | 'h264' | 'av1' | null;
};

/** Reads `hash`, with or without its `#`. Unknown keys are ignored. */
export function readPageAddress(hash: string): PageAddress {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  const codec = values.get('codec')?.toLowerCase();
  return {
    roomId: values.get('room'),
    token: values.get('token'),
    name: values.get('name'),
    isAutojoin: values.get('autojoin') === '1',
    isOriginalSound: values.get('sound') === 'original',
    hasScreenSound: values.get('screensound') !== '0',
    videoCodec: codec === 'vp8' || codec === 'vp9' || codec === 'h264' || codec === 'av1' ? codec : null,
  };
}
