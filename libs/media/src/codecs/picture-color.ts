/** How a stream's samples are to be read as colours, in the words of WebCodecs' `VideoColorSpace`. */
export type PictureColor = {
  primaries: 'bt709' | 'bt470bg' | 'smpte170m';
  transfer: 'bt709' | 'smpte170m';
  matrix: 'bt709' | 'bt470bg' | 'smpte170m';
  fullRange: boolean;
};

/**
 * What a stream means that does not say: BT.601 at any size, since that is how browsers' cameras, screens and canvases come to
 * their WebRTC encoders, which convert nothing and (Chromium's, for all three codecs) name no colours. Of a file that does
 * not say, players would assume BT.709 from 720 lines on.
 */
export const bt601: PictureColor = {
  primaries: 'smpte170m',
  transfer: 'smpte170m',
  matrix: 'smpte170m',
  fullRange: false,
};

export const bt709: PictureColor = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false };

/** BT.601 as the 625-line systems have it. */
export const bt601With625Lines: PictureColor = { ...bt601, primaries: 'bt470bg', matrix: 'bt470bg' };
