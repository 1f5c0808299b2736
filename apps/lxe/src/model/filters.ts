/** What list RPCs have in common. Pure. */

/** Small enough for the 16 MiB of a message with the largest annotations that Kubernetes allows (256 KiB a pod). */
const CHUNK_ITEMS_MAX = 32;

/** Every pair of the selector is among the labels. */
export function matchesLabels(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}

export function* inChunks<T>(items: Iterable<T>, size: number = CHUNK_ITEMS_MAX): Iterable<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Records never change, so each has one message: the same object in every list, which is then encoded only once. */
export function oncePerRecord<Record extends object, Message>(make: (record: Record) => Message) {
  const made = new WeakMap<Record, Message>();
  return (record: Record): Message => {
    const known = made.get(record);
    if (known !== undefined) return known;
    const message = make(record);
    made.set(record, message);
    return message;
  };
}
