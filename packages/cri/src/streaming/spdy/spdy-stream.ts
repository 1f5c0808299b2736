/** A stream that the client opened on a SPDY connection. */

import { type ChannelLink, ChannelStream } from "../channel-stream.ts";
import type { Intake } from "../intake.ts";
import type { SpdyHeaders } from "./header-block.ts";

export class SpdyStream extends ChannelStream {
  readonly id: number;
  readonly headers: SpdyHeaders;

  constructor(id: number, headers: SpdyHeaders, link: ChannelLink, intake: Intake) {
    super(link, intake);
    this.id = id;
    this.headers = headers;
  }
}
