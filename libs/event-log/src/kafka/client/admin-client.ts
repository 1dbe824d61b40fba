import type { Admin, Kafka } from 'kafkajs';

/** Keeps one admin connection; a call that fails gives it up, so that the next begins with a fresh one. */
export class AdminClient {
  #admin: Promise<Admin> | undefined;
  #isClosed = false;

  constructor(private readonly kafka: Kafka) {}

  async run<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const connecting = (this.#admin ??= this.#connect());
    try {
      return await work(await connecting);
    } catch (error) {
      if (this.#admin === connecting) this.#admin = undefined;
      disconnect(connecting);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const admin = await this.#admin?.catch(() => undefined);
    await admin?.disconnect().catch(() => undefined);
  }

  async #connect(): Promise<Admin> {
    if (this.#isClosed) throw new Error('The admin client is closed');
    const admin = this.kafka.admin();
    try {
      await admin.connect();
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
    return admin;
  }
}

/** In the background: others may still wait for it, and it fails when its connection is gone. */
function disconnect(connecting: Promise<Admin>): void {
  void connecting.then((admin) => admin.disconnect()).catch(() => undefined);
}
