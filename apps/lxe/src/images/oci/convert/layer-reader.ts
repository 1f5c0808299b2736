/** Reads contents out of layers on disk. Small ones lie side by side mostly, so each read takes more than it was asked for. */
import type { HostFile, HostFiles } from "../../../platform/host-files.ts";
import type { Layer } from "./layer.ts";

export interface LayerReader extends AsyncDisposable {
  /** The bytes of a file, in pieces. */
  read(layer: number, offset: number, size: number): AsyncGenerator<Uint8Array>;
}

const WINDOW_BYTES = 256 * 1024;
/** Layers whose last window is remembered. */
const WINDOWS_MAX = 8;

interface Window {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export function createLayerReader(
  files: Pick<HostFiles, "openForReading">,
  layers: readonly Pick<Layer, "path">[],
): LayerReader {
  const open = new Map<number, HostFile>();
  const windows = new Map<number, Window>();

  async function fileOf(layer: number): Promise<HostFile> {
    const known = open.get(layer);
    if (known !== undefined) return known;
    const path = layers[layer]?.path ?? "";
    const file = await files.openForReading(path);
    if (file === undefined) throw new Error(`a layer has vanished from the disk: ${path}`);
    open.set(layer, file);
    return file;
  }

  async function windowAt(layer: number, position: number): Promise<Window> {
    const known = windows.get(layer);
    if (known !== undefined && known.start <= position && position < known.start + known.bytes.length) return known;
    // Never written again: pieces of it go on to LXD as they are.
    const buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
    const length = await (await fileOf(layer)).read(buffer, position);
    if (length === 0) throw new Error(`a layer was cut off on the disk: ${layers[layer]?.path ?? ""}`);
    const window = { start: position, bytes: buffer.subarray(0, length) };
    windows.delete(layer);
    windows.set(layer, window);
    const [oldest] = windows.keys();
    if (windows.size > WINDOWS_MAX && oldest !== undefined) windows.delete(oldest);
    return window;
  }

  return {
    read: async function* (layer, offset, size) {
      for (let position = offset; position < offset + size; ) {
        const { start, bytes } = await windowAt(layer, position);
        const piece = bytes.subarray(position - start, offset + size - start);
        position += piece.length;
        yield piece;
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const file of open.values()) await file.close();
      open.clear();
    },
  };
}
