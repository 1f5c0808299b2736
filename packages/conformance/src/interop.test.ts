/** Kubernetes' own clients against lxe on the fake LXD. */
import { fakeArm } from "./arms/fake.ts";
import { interopSuite } from "./interop/suite.ts";

interopSuite(fakeArm);
