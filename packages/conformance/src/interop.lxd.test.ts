/** Kubernetes' own clients against lxe on a real LXD of this machine. */
import { hostArm } from "./arms/host.ts";
import { interopSuite } from "./interop/suite.ts";

interopSuite(hostArm);
