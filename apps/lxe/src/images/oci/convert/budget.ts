/** What all layers of one image may take together: against bombs. */
import { InvalidImageError } from "../errors.ts";
import type { OciLimits } from "../limits.ts";

export interface Budget {
  /** @throws InvalidImageError where that is too much. */
  takeBytes(count: number): void;
  takeEntry(): void;
}

export function createBudget({ imageBytesMax, entriesMax }: Pick<OciLimits, "imageBytesMax" | "entriesMax">): Budget {
  let bytes = 0;
  let entries = 0;
  return {
    takeBytes: (count) => {
      bytes += count;
      if (bytes > imageBytesMax)
        throw new InvalidImageError(`the image is larger than ${imageBytesMax} bytes when it is unpacked`);
    },
    takeEntry: () => {
      entries += 1;
      if (entries > entriesMax) throw new InvalidImageError(`the image has more than ${entriesMax} files`);
    },
  };
}
