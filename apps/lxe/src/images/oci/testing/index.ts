/** A registry in memory and images for it, for the tests, scenarios and benchmarks of others. */
export { layerOf, sha256, tarOf, type TestFile, type TestLayer } from "./layers.ts";
export {
  descriptorOf,
  imageOfFiles,
  indexOf,
  json,
  OCI_INDEX,
  OCI_MANIFEST,
  type TestImage,
  testImage,
  type TestImageOptions,
} from "./test-image.ts";
export { answer, breakAfter, type Handler, startTestRegistry, type TestRegistry } from "./test-registry.ts";
