import { isIP } from 'node:net';
import { idSchema, participantRoleSchema, trackSourceSchema } from '@rushes/timeline';
import { z } from 'zod';

const ip = z.string().refine((text) => isIP(text) !== 0, 'expected an IPv4 or IPv6 address');
const port = z.int('expected a port').min(1, 'expected a port, 1 to 65535').max(65535, 'expected a port, 1 to 65535');

/** Bytes of a suite's key and salt. */
const srtpKeyBytes = {
  AEAD_AES_256_GCM: 44,
  AEAD_AES_128_GCM: 28,
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
} as const;
type SrtpSuite = keyof typeof srtpKeyBytes;

export const srtpParametersSchema = z
  .strictObject({
    cryptoSuite: z.enum(Object.keys(srtpKeyBytes) as [SrtpSuite, ...SrtpSuite[]]),
    keyBase64: z.base64('expected base64').max(100, 'expected at most 100 characters'),
  })
  .refine(({ cryptoSuite, keyBase64 }) => Buffer.from(keyBase64, 'base64').length === srtpKeyBytes[cryptoSuite], {
    path: ['keyBase64'],
    error: 'expected key and salt of the suite: 44 bytes for AEAD_AES_256_GCM, 28 for AEAD_AES_128_GCM, else 30',
  })
  .meta({ id: 'SrtpParameters', description: 'As mediasoup’s `plainTransport.srtpParameters`.' });

export const openRtpTrackSchema = z
  .strictObject({
    recordingId: idSchema,
    trackId: idSchema.optional().meta({ description: 'Default: a new one.' }),
    participantId: idSchema,
    participantName: z.string().min(1).max(100).optional().meta({ description: 'Default: the id.' }),
    role: participantRoleSchema.default('guest'),
    presenceId: idSchema.optional().meta({
      description:
        'The same for all tracks of one stay: the participant comes with the first, and goes with the last. Without it, your server says ' +
        'itself who is in the meeting.',
    }),
    source: trackSourceSchema,
    codec: z.strictObject({
      mimeType: z.enum(['audio/opus', 'video/VP8', 'video/VP9', 'video/H264', 'video/AV1']),
      payloadType: z.int().min(96, 'expected 96 to 127').max(127, 'expected 96 to 127'),
      clockRate: z.int().min(8000, 'expected ticks a second').max(192_000, 'expected ticks a second'),
      channels: z.int().min(1).max(2).optional(),
      parameters: z.record(z.string().max(50), z.union([z.string().max(200), z.number()])).optional(),
    }),
    ssrc: z.int().min(1, 'expected 1 to 4294967295').max(0xffff_ffff, 'expected 1 to 4294967295'),
    cname: z.string().max(200).optional().meta({
      description: 'RTCP canonical name: tracks with the same one share the sender’s clock.',
    }),
    from: z.strictObject({
      ip,
      port: port.optional().meta({
        description:
          'Where RTP comes from, if it is known; else the first packet says so. Other addresses are refused.',
      }),
      rtcpPort: port.optional().meta({ description: 'Where RTCP comes from, when it has a port of its own.' }),
    }),
    rtcpMux: z
      .boolean()
      .default(true)
      .meta({ description: 'false: RTCP comes to a port of its own, as ffmpeg wants.' }),
    srtpParameters: srtpParametersSchema.optional().meta({ description: 'The sender’s; packets are encrypted then.' }),
    silentAfterSeconds: z.int().min(2).max(86_400).default(60).meta({
      description: 'A track of which nothing has come for so long is ended.',
    }),
  })
  .refine(({ codec, source }) => isAudio(source) === codec.mimeType.startsWith('audio/'), {
    path: ['source'],
    error: 'expected microphone or screenAudio for an audio codec, camera or screen for a video codec',
  })
  .refine(({ from, rtcpMux }) => !rtcpMux || from.rtcpPort === undefined, {
    path: ['from', 'rtcpPort'],
    error: 'expected only where rtcpMux is false',
  })
  .refine(({ from, rtcpMux }) => rtcpMux || (from.port === undefined) === (from.rtcpPort === undefined), {
    path: ['from', 'rtcpPort'],
    error: 'expected together with from.port, since rtcpMux is false',
  })
  .meta({ id: 'OpenRtpTrack' });
export type OpenRtpTrack = z.output<typeof openRtpTrackSchema>;

export const rtpTrackSchema = z
  .object({
    trackId: idSchema,
    ip: z.string().meta({ description: 'Where to send RTP.' }),
    port: z.int(),
    rtcpPort: z.int().nullable().meta({ description: 'Where to send RTCP; null when it goes with RTP.' }),
    srtpParameters: srtpParametersSchema.nullable().meta({ description: 'The recorder’s, for what it sends back.' }),
    endUrl: z.string().meta({ description: 'DELETE ends the track: at the recorder that has it, past any balancer.' }),
  })
  .meta({ id: 'RtpTrack' });
export type RtpTrackAnswer = z.infer<typeof rtpTrackSchema>;

export const rtpTrackPathSchema = z.object({ recordingId: idSchema, trackId: idSchema });

function isAudio(source: z.infer<typeof trackSourceSchema>): boolean {
  return source === 'microphone' || source === 'screenAudio';
}
