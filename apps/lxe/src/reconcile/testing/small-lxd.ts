/** The few parts of an LXD client that the reconcile loop uses, with answers that a test gives when it wants to. */

import { type Instance, LxdError, type LxdClient, type LifecycleEvent } from "@lxe/lxd-client";

/** Makes a client of the methods that a test needs; the others are missing. */
export const asClient = (parts: object): LxdClient => parts as LxdClient;

export const notFound = (): LxdError => new LxdError("not-found", "Instance not found");
export const unavailable = (): LxdError => new LxdError("unavailable", "LXD is gone");

export function lifecycle(action: string, name: string): LifecycleEvent {
  return {
    type: "lifecycle",
    timestamp: "",
    metadata: { action, source: `/1.0/instances/${encodeURIComponent(name)}?project=default` },
  };
}

/** Lets everything that is ready run, timers of the real clock aside. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

interface Question {
  readonly name: string;
  /** As LXD had it when it was asked. */
  readonly instance: Instance | undefined;
  readonly answer: PromiseWithResolvers<{ value: Instance; etag: string }>;
}

/** Instances that are read one by one or all together; each answer waits until the test lets it go. */
export class SlowInstances {
  readonly instances = new Map<string, Instance>();
  readonly questions: Question[] = [];
  readonly lists: { readonly instances: Instance[]; readonly answer: PromiseWithResolvers<Instance[]> }[] = [];
  /** Names with a read under way, and the most of one name at a time. */
  readonly #reading = new Map<string, number>();
  parallelMax = 0;

  readonly client = asClient({
    instances: {
      get: (name: string) => this.#get(name),
      list: () => this.#list(),
    },
  });

  async #get(name: string): Promise<{ value: Instance; etag: string }> {
    const count = (this.#reading.get(name) ?? 0) + 1;
    this.#reading.set(name, count);
    this.parallelMax = Math.max(this.parallelMax, count);
    const question = {
      name,
      instance: this.instances.get(name),
      answer: Promise.withResolvers<{ value: Instance; etag: string }>(),
    };
    this.questions.push(question);
    try {
      return await question.answer.promise;
    } finally {
      this.#reading.set(name, (this.#reading.get(name) ?? 1) - 1);
    }
  }

  #list(): Promise<Instance[]> {
    const answer = Promise.withResolvers<Instance[]>();
    this.lists.push({ instances: [...this.instances.values()], answer });
    return answer.promise;
  }

  /** Answers one question, the oldest by default; false when there is none. */
  answer(at = 0): boolean {
    const [question] = this.questions.splice(at, 1);
    if (!question) return false;
    if (question.instance) question.answer.resolve({ value: question.instance, etag: "" });
    else question.answer.reject(notFound());
    return true;
  }

  fail(error: Error): void {
    this.questions.shift()?.answer.reject(error);
  }

  answerList(): boolean {
    const list = this.lists.shift();
    list?.answer.resolve(list.instances);
    return list !== undefined;
  }

  /** Answers all, also what is asked meanwhile. */
  async answerAll(): Promise<void> {
    do await settled();
    while (this.answer() || this.answerList());
  }
}
