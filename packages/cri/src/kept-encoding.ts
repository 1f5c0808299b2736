/**
 * Encodes what a kubelet asks for again and again: lists, and the status of an image. Items hardly change, so the bytes of an
 * item are kept for as long as its object lives: whoever answers with the same object again has it copied instead of encoded.
 * Such objects must not be changed after they were sent; a changed item is a new object. The bytes of the last list are kept
 * too, and so is an image as an answer of its own: they are sent as they are, without a copy (`framed-message.ts`).
 */

import { framedMessage } from "./framed-message.ts";
import { Container, Image, ImageStatusResponse, type MessageFns, PodSandbox } from "./gen/api.ts";
import type { ResponseOf, UnaryMethodName } from "./methods.ts";

export type EncodeKept = (response: unknown) => Uint8Array;

const bytesOfImage = keptBytes(Image);
const answerOfImage = oncePerItem((image: Image) => framedMessage([bytesOfImage(image)]));

const encoders = new Map<string, EncodeKept>([
  listEncoder("listContainers", keptBytes(Container), ({ containers }) => containers),
  listEncoder("listImages", bytesOfImage, ({ images }) => images),
  listEncoder("listPodSandbox", keptBytes(PodSandbox), ({ items }) => items),
  ["imageStatus", (response) => encodeImageStatus(response as ImageStatusResponse)],
]);

/** For the RPCs of which this module keeps bytes, by their keys. */
export function keptEncoderOf(key: string): EncodeKept | undefined {
  return encoders.get(key);
}

/** Field 1, length-delimited: what the items are in all of these responses. */
const ITEM_TAG = 0x0a;

/** Of an item as a response has it, with tag and length. */
function keptBytes<Item extends object>(codec: MessageFns<Item>): (item: Item) => Uint8Array {
  return oncePerItem((item) => framed(codec.encode(item).finish()));
}

/** For as long as the item's object lives. */
function oncePerItem<Item extends object, Bytes extends Uint8Array>(
  make: (item: Item) => Bytes,
): (item: Item) => Bytes {
  const known = new WeakMap<Item, Bytes>();
  return (item) => {
    const kept = known.get(item);
    if (kept !== undefined) return kept;
    const bytes = make(item);
    known.set(item, bytes);
    return bytes;
  };
}

function listEncoder<K extends UnaryMethodName, Item extends object>(
  key: K,
  bytesOf: (item: Item) => Uint8Array,
  itemsOf: (response: ResponseOf<K>) => readonly Item[],
): [string, EncodeKept] {
  let last: { items: readonly Item[]; message: Buffer } = { items: [], message: framedMessage([]) };
  return [
    key,
    (response) => {
      const items = itemsOf(response as ResponseOf<K>);
      if (!isSameList(items, last.items)) last = { items, message: framedMessage(items.map(bytesOf)) };
      return last.message;
    },
  ];
}

function encodeImageStatus({ image, info }: ImageStatusResponse): Uint8Array {
  if (image !== undefined && Object.keys(info).length === 0) return answerOfImage(image);
  const rest = ImageStatusResponse.encode({ info }).finish();
  return image === undefined ? rest : Buffer.concat([bytesOfImage(image), rest]);
}

function isSameList<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** With the tag and the length that stand before an item. */
function framed(item: Uint8Array): Uint8Array {
  const head = [ITEM_TAG];
  let length = item.byteLength;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  head.push(length);
  const bytes = new Uint8Array(head.length + item.byteLength);
  bytes.set(head);
  bytes.set(item, head.length);
  return bytes;
}
