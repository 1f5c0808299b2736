/** Bounds of pulling and converting OCI images. */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export interface OciLimits {
  /** A manifest or an index; what registries themselves accept at most. */
  readonly manifestBytesMax: number;
  /** An image's config. */
  readonly configBytesMax: number;
  /** A token server's answer. */
  readonly tokenBytesMax: number;
  /** Of an error's answer, for its text. */
  readonly errorBytesMax: number;
  /** Indexes in indexes. */
  readonly indexDepthMax: number;
  readonly redirectsMax: number;
  /** Of one request to one host; and of continuing a blob without a byte of progress between. */
  readonly attemptsMax: number;
  /** First and longest pause between attempts; a server's Retry-After counts up to the longest. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  /** From a request to the head of its answer; for small answers, to their end. */
  readonly answerMs: number;
  /** A blob must bring at least `stallBytes` in this time, or its end. */
  readonly stallMs: number;
  readonly stallBytes: number;
  /** Layers of one image. */
  readonly layersMax: number;
  /** Layers of one pull that are downloaded at a time. */
  readonly layersParallel: number;
  /** All layers of an image unpacked. The node's configuration may say less. */
  readonly imageBytesMax: number;
  /** Tar entries of all layers. */
  readonly entriesMax: number;
  /** Extended header of one tar entry: long names, extended attributes. */
  readonly tarMetaBytesMax: number;
  /** As Linux has them. */
  readonly pathBytesMax: number;
  readonly nameBytesMax: number;
  /** Names, targets of links and extended attributes of all files together: they are in memory while an image is converted. */
  readonly textBytesMax: number;
  /** Symbolic links followed for one path. */
  readonly linksMax: number;
  /** The image's labels as JSON; more are not kept. */
  readonly labelsBytesMax: number;
  /** Names by digest that are remembered of one image. */
  readonly digestsMax: number;
  /** Between two lines of progress in the log. */
  readonly progressMs: number;
}

export const OCI_LIMITS: OciLimits = {
  manifestBytesMax: 4 * MIB,
  configBytesMax: 8 * MIB,
  tokenBytesMax: MIB,
  errorBytesMax: 64 * KIB,
  indexDepthMax: 3,
  redirectsMax: 5,
  attemptsMax: 4,
  retryMsMin: 200,
  retryMsMax: 10_000,
  answerMs: 30_000,
  stallMs: 60_000,
  stallBytes: 64 * KIB,
  layersMax: 512,
  layersParallel: 3,
  imageBytesMax: 1024 * GIB,
  entriesMax: 2_000_000,
  tarMetaBytesMax: MIB,
  pathBytesMax: 4095,
  nameBytesMax: 255,
  textBytesMax: 64 * MIB,
  linksMax: 40,
  labelsBytesMax: 64 * KIB,
  digestsMax: 64,
  progressMs: 10_000,
};
