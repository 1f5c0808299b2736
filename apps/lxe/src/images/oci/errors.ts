/** Why an OCI image could not be had. One class for each kind; the CRI's status codes are those of their base classes. */
import { InvalidArgumentError, NotFoundError, UnknownError } from "@lxe/cri";

/** The text is no reference of the distribution grammar. */
export class InvalidReferenceError extends InvalidArgumentError {}

/** No registry could be reached, or none was able to answer: worth another try. The kubelet knows the beginning of the message. */
export class RegistryUnavailableError extends UnknownError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(`RegistryUnavailable: ${message}`, options);
  }
}

/** The registry has no such image. */
export class ImageMissingError extends NotFoundError {}

/** The registry wants other credentials, or any. */
export class AccessDeniedError extends UnknownError {}

/** The registry answers, but against its protocol. */
export class RegistryProtocolError extends UnknownError {}

/** The image's content is broken, hostile, or nothing that can be run here. */
export class InvalidImageError extends UnknownError {}

/** The node's registry configuration cannot be used. */
export class RegistryConfigError extends UnknownError {}
