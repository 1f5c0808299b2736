/**
 * Work that concurrent callers of the same key share. Each caller can leave by its own signal; when the last one has left, the
 * work is aborted, and the next caller starts anew.
 */
import { abortable } from "./abortable.ts";

interface Task<Value> {
  readonly controller: AbortController;
  readonly result: Promise<Value>;
  waiters: number;
}

export interface SharedTasks<Value> {
  run(key: string, start: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal | undefined): Promise<Value>;
}

export function createSharedTasks<Value>(): SharedTasks<Value> {
  const tasks = new Map<string, Task<Value>>();

  function forget(key: string, task: Task<Value>): void {
    if (tasks.get(key) === task) tasks.delete(key);
  }

  function begin(key: string, start: (signal: AbortSignal) => Promise<Value>): Task<Value> {
    const controller = new AbortController();
    const task = { controller, result: start(controller.signal), waiters: 0 };
    tasks.set(key, task);
    const ended = (): void => forget(key, task);
    task.result.then(ended, ended);
    return task;
  }

  function leave(key: string, task: Task<Value>, reason: unknown): void {
    task.waiters -= 1;
    if (task.waiters > 0) return;
    forget(key, task);
    task.controller.abort(reason);
  }

  return {
    run: async (key, start, signal) => {
      signal?.throwIfAborted();
      const task = tasks.get(key) ?? begin(key, start);
      task.waiters += 1;
      try {
        return await abortable(task.result, signal);
      } finally {
        leave(key, task, signal?.reason);
      }
    },
  };
}
