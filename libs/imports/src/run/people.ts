import { idPattern, type ImportDocument, type ParticipantId, type ParticipantRole } from '@rushes/timeline';

export type Person = {
  participantId: ParticipantId;
  name: string;
  role: ParticipantRole;
  /** On the recording clock. */
  presences: { joinedMs: number; leftMs: number }[];
};

type Known = Person & { isSaid: boolean };

/** Who was in the meeting, and when: as import.json says, else from the first to the last of what there is of them. */
export class People {
  readonly #people = new Map<ParticipantId, Known>();

  /** @param zeroMs what import.json calls 0, on the recording clock */
  constructor(participants: ImportDocument['participants'], zeroMs: number) {
    for (const { id, name = id, role, presences } of participants ?? []) {
      const said = presences?.map(({ joinedMs, leftMs }) => ({ joinedMs: joinedMs + zeroMs, leftMs: leftMs + zeroMs }));
      this.#people.set(id, { participantId: id, name, role, presences: said ?? [], isSaid: said !== undefined });
    }
  }

  /** Notes that there is something of a participant from `fromMs` to `toMs`. */
  seen(participantId: ParticipantId, fromMs: number, toMs: number): void {
    const person = this.find(participantId) ?? this.add(participantId, participantId);
    if (person.isSaid) return;
    const [before] = person.presences;
    const joinedMs = Math.max(0, Math.min(fromMs, before?.joinedMs ?? Infinity));
    person.presences = [{ joinedMs, leftMs: Math.max(toMs, joinedMs, before?.leftMs ?? 0) }];
  }

  /** The participant whose id or name this is, in capitals or not; a new one when there is none. */
  idOf(who: string): ParticipantId {
    const isCalled = (name: string): boolean => name.toLowerCase() === who.toLowerCase();
    const known =
      this.find(who) ??
      [...this.#people.values()].find(({ participantId, name }) => isCalled(name) || isCalled(participantId));
    if (known) return known.participantId;
    return this.add(this.freeId(who), who).participantId;
  }

  list(): Person[] {
    return [...this.#people.values()].map(({ participantId, name, role, presences }) => {
      return { participantId, name, role, presences };
    });
  }

  private find(participantId: string): Known | undefined {
    return this.#people.get(participantId);
  }

  private add(participantId: ParticipantId, name: string): Known {
    const person: Known = { participantId, name, role: 'guest', presences: [], isSaid: false };
    this.#people.set(participantId, person);
    return person;
  }

  private freeId(who: string): ParticipantId {
    if (idPattern.test(who)) return who;
    let number = 1;
    while (this.#people.has(`guest-${number}`)) number++;
    return `guest-${number}`;
  }
}
