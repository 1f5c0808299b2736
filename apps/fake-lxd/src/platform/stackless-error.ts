/** An error that is part of the normal course, and thrown all the time: to note the stack would take longer than all the rest. */
export class StacklessError extends Error {
  constructor(message?: string) {
    const limit = Error.stackTraceLimit;
    if (limit === 0) {
      super(message);
      return;
    }
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}
