import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  CONFIG,
  LOGGER,
  newId,
  RoomDirectory,
  TokenService,
  upgradeToken,
  WebSocketRoutes,
  type ClaimsOf,
  type Config,
  type Logger,
} from '@rushes/platform';
import { createEventParser, type EventParser } from '@rushes/timeline';
import { offeredCapabilities } from '../media/offered-capabilities.ts';
import type { Answers, CaptureGrant, Opaque } from '../protocol/answers.ts';
import type { RequestData } from '../protocol/requests.ts';
import { RoomRecordings } from '../room/room-recordings.ts';
import { RoomRegistry } from '../room/room-registry.ts';
import type { Member } from '../room/member.ts';
import type { Room } from '../room/room.ts';
import { ROOMS_OPTIONS, type RoomsOptions } from '../rooms-options.ts';
import type { Call } from './methods.ts';
import { SignallingConnection, type SignallingContext, type SignallingHost } from './signalling-connection.ts';
import { SignallingError } from './signalling-error.ts';

export const signallingPath = '/v1/rooms';
/** A page's RTP capabilities take some 20 KB; a long stroke as much. */
const maxPayloadBytes = 128 * 1024;

/** Opens `/v1/rooms?token=…` to pages that hold a meeting token. */
@Injectable()
export class RoomsGateway implements OnModuleInit, SignallingHost {
  readonly #parser: EventParser;
  readonly #pluginIds: ReadonlySet<string>;

  constructor(
    @Inject(RoomRegistry) private readonly registry: RoomRegistry,
    @Inject(RoomRecordings) private readonly recordings: RoomRecordings,
    @Inject(RoomDirectory) private readonly directory: RoomDirectory,
    @Inject(WebSocketRoutes) private readonly routes: WebSocketRoutes,
    @Inject(TokenService) private readonly tokens: TokenService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ROOMS_OPTIONS) { plugins }: RoomsOptions,
    @Inject(LOGGER) readonly logger: Logger,
  ) {
    this.#parser = createEventParser(plugins);
    this.#pluginIds = new Set(plugins.map((plugin) => plugin.id));
  }

  onModuleInit(): void {
    this.routes.register<SignallingContext>(signallingPath, {
      maxPayloadBytes,
      authorise: async (request) => {
        const claims = await this.tokens.verify(upgradeToken(request), 'meeting');
        const isInvited = claims.participantId === undefined;
        return { ...claims, isInvited, participantId: claims.participantId ?? newId() };
      },
      onConnection: (socket, context) => void this.#receive(new SignallingConnection(socket, context, this)),
    });
  }

  async enter(
    connection: SignallingConnection,
    data: RequestData['join'],
  ): Promise<{ call: Call; member: Member; answer(): Promise<Answers['join']> }> {
    const { roomId, participantId, role } = connection.context;
    const name = data.name ?? connection.context.name;
    if (name === undefined) throw new SignallingError('input-invalid', 'data.name: expected a name');
    const place = await this.registry.open(roomId);
    if ('url' in place) {
      connection.move(place.url);
      throw new SignallingError('unavailable', 'The meeting is held elsewhere; connect there');
    }
    const { room } = place;
    const member = await room.join({ participantId, name, role, link: connection });
    const { registry, recordings } = this;
    const call: Call = {
      ...{ room, member, registry, recordings, parser: this.#parser, pluginIds: this.#pluginIds },
      issueInvitation: () => this.#issue({ scope: 'meeting', roomId, role: 'guest' }),
    };
    return { call, member, answer: () => this.#answerJoin(room, member) };
  }

  /** Sends a page to where its room lives, or welcomes it here. */
  async #receive(connection: SignallingConnection): Promise<void> {
    const { roomId } = connection.context;
    try {
      const url = this.registry.find(roomId) ? undefined : await this.directory.findElsewhere(roomId);
      if (url === undefined) await this.#welcome(connection);
      else connection.move(url);
    } catch (err) {
      this.logger.warn({ err, roomId }, 'where the room lives could not be found out');
      connection.giveUp();
    }
  }

  #issue(claims: ClaimsOf<'meeting'>): Promise<string> {
    return this.tokens.issue(claims, this.config.tokenTtlSeconds.meeting);
  }

  async #welcome(connection: SignallingConnection): Promise<void> {
    const { roomId, participantId, name = null, role, isInvited } = connection.context;
    const ownToken = isInvited ? await this.#issue({ scope: 'meeting', roomId, participantId, role }) : null;
    const room = this.registry.find(roomId);
    connection.notify({
      event: 'welcome',
      data: {
        roomId,
        participantId,
        name,
        role,
        peopleCount: room?.members.length ?? 0,
        isRecording: room?.recording !== undefined,
        ownToken,
      },
    });
  }

  /** From the instant of the view on, the member is told of everything: nothing is missed and nothing comes twice. */
  async #answerJoin(room: Room, member: Member): Promise<Answers['join']> {
    const recording = await this.#currentGrant(room, member);
    member.isListening = true;
    return {
      ...room.view(),
      presenceId: member.presenceId,
      name: member.name,
      routerRtpCapabilities: offeredCapabilities(member.media.room.router) as unknown as Opaque,
      recording,
    };
  }

  async #currentGrant(room: Room, member: Member): Promise<CaptureGrant | null> {
    for (;;) {
      const grant = await this.recordings.grant(room, member.participantId);
      if (grant?.recordingId === room.recording?.recordingId) return grant;
    }
  }
}
