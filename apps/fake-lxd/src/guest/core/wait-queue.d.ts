/** Those who wait until something changes. A waker must be cheap and must not throw. */
export declare class WaitQueue {
  #private;
  add(wake: () => void): void;
  remove(wake: () => void): void;
  /** Wakes everybody; each looks again whether its condition holds now. */
  wake(): void;
}
